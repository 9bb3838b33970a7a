import type { Action } from './action.ts';
import type { IssueMemory, PastRange } from './issue-memory.ts';
import { latestRounds } from './latest-round.ts';
import { lastApproved } from './reapproval.ts';
import { isLive, type Round, sameSubject } from './round.ts';
import type { PastRound, Snapshot } from './snapshot.ts';
import { unknownOf } from './unknown-rounds.ts';

/**
 * Which rounds a plan needs, and which are past: closed, settled, followed by a later one of their subject, and of no
 * more use to it (ADR 18; docs/lessons.md 46). Past rounds stay where they are, for whoever shows them. The issue's
 * memory names their ranges, so that a reconcile does not read them again. Pure.
 */

/** A read unit of DynamoDB: a range that saves less costs as much as it saves. */
const WORTH_BYTES = 4 * 1024;
/** Each range splits the read of an issue once more. */
const MAX_RANGES = 100;

/**
 * Separates past rounds from the others. It may be done page by page: a round that is past among some rounds is past
 * among more.
 * @param named approvalIds of rounds that are not dropped, even if they are past
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

/** Content and tasks both hold every task hash. */
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

/** Something is still expected of it, or was heard of it. */
const isUnfinished = (round: Round): boolean =>
  isLive(round) ||
  round.checkAfter !== undefined ||
  round.settle !== undefined ||
  round.remarks.length > 0 ||
  round.missed.length > 0;

/** Bells go by all rounds: Frabit may have put an old record back, whose later rounds heard fewer rings. */
function keepHighestRing(needed: Set<Round>, rounds: readonly Round[]): void {
  const highest = rounds.reduce((most, { bellSeq }) => Math.max(most, bellSeq), 0);
  const isHighestKept = rounds.some((round) => needed.has(round) && round.bellSeq === highest);
  const holder = isHighestKept ? undefined : rounds.findLast(({ bellSeq }) => bellSeq === highest);
  if (holder) needed.add(holder);
}

/** Writes down which rounds are past, when that saves a read unit, or when one of them is needed again. */
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

/** The gaps between the needed rounds of each subject. What is of a subject that was not judged stays. */
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

/** What lies below the highest of these generations, but for them. */
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
