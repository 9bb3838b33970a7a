import type { Action } from './action.ts';
import type { IssueMemory, PastRange } from './issue-memory.ts';
import { latestRounds } from './latest-round.ts';
import { lastApproved } from './reapproval.ts';
import { isLive, type Round, sameSubject } from './round.ts';
import { unknownOf } from './rounds-of-newer-versions.ts';
import type { PastRound, Snapshot } from './snapshot.ts';

/**
 * Decides which rounds a plan needs and which are past (ADR 18; docs/lessons.md 46). A past round is closed, needs no
 * more work, and a later round of its subject follows it. Past rounds stay stored for those who show them. The issue
 * memory names their ranges, so that a reconcile does not read them again. Pure.
 */

/** One read unit of DynamoDB. A range that saves less costs as much as it saves. */
const WORTH_BYTES = 4 * 1024;
/** The most ranges of one issue. Each one splits the read of its rounds once more. */
const MAX_RANGES = 100;

/**
 * Separates past rounds from the others. It can be applied page by page: a round that is past among some rounds is
 * also past among more.
 * @param named approvalIds of rounds that are kept even if they are past
 */
export function separatePast(
  rounds: readonly Round[],
  named: ReadonlySet<string>,
): { rounds: Round[]; past: PastRound[] } {
  const needed = neededOf(rounds);
  const isKept = (round: Round) => needed.has(round) || named.has(round.approvalId);
  return {
    rounds: rounds.filter(isKept),
    past: rounds
      .filter((round) => !isKept(round))
      .map((round) => ({
        subject: round.subject,
        generation: round.generation,
        bytes: bytesOfRound(round),
      })),
  };
}

/** Estimates the size of a round. Content and tasks both hold every task hash. */
const bytesOfRound = ({ content }: Round): number => 1_000 + 2 * content.length;

function neededOf(rounds: readonly Round[]): Set<Round> {
  const stageIds = new Set(
    rounds.filter(({ subject }) => subject.kind === 'STAGE').map(({ subject }) => subject.id),
  );
  const approving = [...stageIds].map((stageId) => lastApproved(rounds, stageId));
  const needed = new Set([
    ...latestRounds(rounds),
    ...approving.filter((round) => round !== undefined),
    ...rounds.filter((round) => isUnfinished(round) || unknownOf(round) !== undefined),
  ]);
  keepHighestRing(
    needed,
    rounds.filter(({ subject }) => subject.kind === 'STAGE'),
  );
  keepHighestRing(needed, rounds);
  return needed;
}

/** Whether a round is live, has work left, or has stored events. */
const isUnfinished = (round: Round): boolean =>
  isLive(round) ||
  round.checkAfter !== undefined ||
  round.settle !== undefined ||
  round.remarks.length > 0 ||
  round.missed.length > 0;

/**
 * Keeps the round with the highest ring, because rings are compared with all rounds. Frabit may have put back an
 * older record, and later rounds then have lower rings.
 */
function keepHighestRing(needed: Set<Round>, rounds: readonly Round[]): void {
  const highest = rounds.reduce((most, { bellSeq }) => Math.max(most, bellSeq), 0);
  const isHighestKept = rounds.some((round) => needed.has(round) && round.bellSeq === highest);
  const roundWithRing = isHighestKept ? undefined : rounds.findLast(({ bellSeq }) => bellSeq === highest);
  if (roundWithRing) needed.add(roundWithRing);
}

/**
 * Returns the action that stores which rounds are past, if that saves a read unit or if a past round is needed again.
 */
export function planPast({ rounds, past: dropped = [], memory }: Snapshot): Action | undefined {
  if (!memory) return undefined;
  const remembered = memory.past ?? [];
  const fresh = dropped.filter((round) => !remembered.some((range) => isWithin(round, range)));
  const ranges = rangesOf(rounds, fresh, remembered);
  const saved = bytesOf(fresh.filter((round) => ranges.some((range) => isWithin(round, range))));
  const needed = neededOf(rounds);
  const isNeededAgain = remembered.some((range) => [...needed].some((round) => isWithin(round, range)));
  if (saved < WORTH_BYTES && !isNeededAgain) return undefined;
  return { do: 'REMEMBER', memory: { ...memory, past: ranges } };
}

/**
 * Returns the gaps between the needed rounds of each subject. Ranges of a subject without rounds here stay as they
 * are.
 */
function rangesOf(
  rounds: readonly Round[],
  fresh: readonly PastRound[],
  remembered: NonNullable<IssueMemory['past']>,
): PastRange[] {
  const needed = [...neededOf(rounds)];
  const subjects = latestRounds(needed).map(({ subject }) => subject);
  const others = remembered.filter(({ subject }) => !subjects.some((one) => sameSubject(one, subject)));
  const gaps = subjects.flatMap((subject) => {
    const ofSubject = needed.filter((round) => sameSubject(round.subject, subject));
    return gapsBetween(ofSubject.map(({ generation }) => generation)).map((gap) => ({ subject, ...gap }));
  });
  const worth = gaps.filter(
    (gap) =>
      remembered.some((range) => overlaps(gap, range)) ||
      bytesOf(fresh.filter((round) => isWithin(round, gap))) >= WORTH_BYTES,
  );
  return [...others, ...worth].slice(0, MAX_RANGES);
}

/** Returns the ranges below the highest of these generations that contain none of them. */
function gapsBetween(generations: readonly number[]): { from: number; to: number }[] {
  const sorted = generations.toSorted((a, b) => a - b);
  return sorted
    .map((generation, place) => ({ from: (sorted[place - 1] ?? 0) + 1, to: generation - 1 }))
    .filter(({ from, to }) => from <= to);
}

const isWithin = (
  { subject, generation }: Pick<Round, 'subject' | 'generation'>,
  range: PastRange,
): boolean => sameSubject(subject, range.subject) && range.from <= generation && generation <= range.to;

const overlaps = (a: PastRange, b: PastRange): boolean =>
  sameSubject(a.subject, b.subject) && a.from <= b.to && b.from <= a.to;

const bytesOf = (rounds: readonly PastRound[]): number => rounds.reduce((sum, { bytes }) => sum + bytes, 0);
