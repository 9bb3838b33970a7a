import type { Action } from './action.ts';
import { answeredRings } from './bell.ts';
import { type Hint, SEQUENCE_NUMBER } from './hint.ts';
import type { IssueMemory } from './issue-memory.ts';
import { isLive, type Round } from './round.ts';
import type { Hints, Snapshot } from './snapshot.ts';
import { everyRound, isLeftAlone } from './unknown-rounds.ts';

/**
 * When an issue came to its stage, and which rings were made since (docs/design.md 2.4; docs/lessons.md 40 and 41).
 * Pure.
 *
 * The record says where the issue is; hints say that it arrived somewhere, and may be late, repeated or redriven. The
 * sequence number of a change in the stream of the Issues table puts hints in order. Numbers are decimal texts of up to
 * 40 digits and are compared as integers, only within one stream. A hint counts only above the highest number of its
 * stream: below it, newer hints have settled what it says.
 */

type Arrived = NonNullable<Extract<Hint, { kind: 'RECORD_CHANGED' }>['arrived']>;
/** An arrival with its place in a stream; hints of the version before have none, and tell nothing but to look. */
type Numbered = Required<Arrived>;

/**
 * What to remember: the issue is seen at another stage than before, or to be deleted, or a hint tells that it was away
 * in between.
 *
 * While the record is invalid nobody knows where the issue is; that it was away is remembered all the same, for the
 * hints of it do not come again.
 */
export function planMemory(snapshot: Snapshot, hints: Hints): Action | undefined {
  const { issueId, issue, memory } = snapshot;
  const rounds = everyRound(snapshot);
  const arrived = hints.map(arrivalOf).find((one) => one !== undefined && isNewest(one, memory));
  if (issue.kind === 'INVALID')
    return memory && arrived && rememberAtSameStage(memory, arrived, rounds, undefined);

  const record = issue.kind === 'VALID' ? issue.record : undefined;
  const stageId = record?.currentStageId ?? null;
  const bellSeq = record?.bell?.seq ?? 0;
  if (memory?.stageId === stageId && (memory.absent ?? false) === (record === undefined)) {
    return arrived && rememberAtSameStage(memory, arrived, rounds, bellSeq);
  }
  if (!memory && !record && rounds.length === 0) return undefined;
  const isHere = arrived?.stageId === stageId;
  const { absent: _, numberedBy: __, rung: ___, ...kept } = memory ?? {};
  return remember({
    ...kept,
    issueId,
    stageId,
    arrival: (memory?.arrival ?? 0) + 1,
    bellSeq: isHere && isComparable(arrived, memory) ? arrived.bellSeq : bellSeq,
    life: (memory?.life ?? 0) + (record ? 0 : 1),
    ...(!record && { absent: true }),
    ...(arrived && numbering(memory, arrived)),
    ...(isHere && { numberedBy: arrived.streamArn }),
  });
}

/**
 * A hint above all others, while the issue is where it was last seen. What the numbers prove: the arrival that is
 * remembered has one, so the hint tells of a later change; the record was read after that change. Then either the issue
 * has arrived anew where it is, or it was elsewhere and has come back.
 *
 * An arrival without a number (seen by the sweep or an event first, or by the version before) takes the hint's. So does
 * one that has its number in another stream, of a table that was restored or a stream that was made anew: nothing tells
 * which came first, so nothing is sent and no ring counts for it.
 */
function rememberAtSameStage(
  memory: IssueMemory,
  arrived: Numbered,
  rounds: readonly Round[],
  bellSeq: number | undefined,
): Action {
  const { numberedBy, ...rest } = memory;
  const known = { ...rest, ...numbering(memory, arrived) };
  const isLater = numberedBy === arrived.streamArn;
  if (arrived.stageId !== memory.stageId) {
    if (!isLater) return remember({ ...memory, ...known });
    const bellOnReturn = bellSeq ?? Math.max(memory.bellSeq, arrived.bellSeq);
    return remember({ ...known, arrival: memory.arrival + 1, bellSeq: bellOnReturn });
  }
  const here = { ...known, numberedBy: arrived.streamArn };
  if (isLater) return remember({ ...here, arrival: memory.arrival + 1, bellSeq: arrived.bellSeq });
  // Another hint saw the arrival first, when the bell had been rung since: that ring counts, unless a round heard it.
  const isLate = numberedBy === undefined && isComparable(arrived, memory);
  const isFree = arrived.bellSeq < memory.bellSeq && answeredRings(rounds, 'STAGE') < memory.bellSeq;
  return remember(isLate && isFree ? { ...here, bellSeq: arrived.bellSeq } : here);
}

/**
 * A card that is open when its issue arrives anew stays open, and belongs to the new arrival from then on: how it ends
 * is not used up. One that is being withdrawn already does not stay.
 */
export function planJoining(snapshot: Snapshot): Action[] {
  const { issue, rounds, memory } = snapshot;
  if (issue.kind !== 'VALID' || !memory) return [];
  const { arrival, stageId } = memory;
  if (isLeftAlone({ kind: 'STAGE', id: stageId ?? '' }, issue.record, snapshot)) return [];
  return rounds
    .filter((round) => isLive(round) && !round.withdraw && round.arrival !== arrival)
    .filter(({ subject }) => subject.kind === 'STAGE' && subject.id === stageId)
    .map(({ approvalId }) => ({ do: 'JOIN', approvalId, arrival }));
}

const remember = (memory: IssueMemory): Action => ({ do: 'REMEMBER', memory });

function arrivalOf(hint: Hint): Numbered | undefined {
  const arrived = hint.kind === 'RECORD_CHANGED' ? hint.arrived : undefined;
  const { streamArn, sequenceNumber } = arrived ?? {};
  if (!arrived || streamArn === undefined || sequenceNumber === undefined) return undefined;
  return SEQUENCE_NUMBER.test(sequenceNumber) ? { ...arrived, streamArn, sequenceNumber } : undefined;
}

function isNewest({ streamArn, sequenceNumber }: Numbered, memory: IssueMemory | undefined): boolean {
  const highest = highestOf(memory, streamArn);
  return highest === undefined || BigInt(sequenceNumber) > BigInt(highest);
}

/** The stream is known, or the first one: its bell is that of a later arrival, not of one long ago. */
const isComparable = ({ streamArn }: Numbered, memory: IssueMemory | undefined): boolean =>
  memory?.highest === undefined || highestOf(memory, streamArn) !== undefined;

const highestOf = (memory: IssueMemory | undefined, streamArn: string): string | undefined =>
  memory?.highest && Object.hasOwn(memory.highest, streamArn) ? memory.highest[streamArn] : undefined;

const numbering = (
  memory: IssueMemory | undefined,
  { streamArn, sequenceNumber }: Numbered,
): Pick<IssueMemory, 'highest'> => ({ highest: { ...memory?.highest, [streamArn]: sequenceNumber } });
