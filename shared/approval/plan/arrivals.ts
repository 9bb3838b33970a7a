import type { Action } from './action.ts';
import { answeredRings } from './bell.ts';
import { type Hint, SEQUENCE_NUMBER } from './hint.ts';
import type { IssueMemory } from './issue-memory.ts';
import { isLive, type Round } from './round.ts';
import { everyRound, isLeftAlone } from './rounds-of-newer-versions.ts';
import type { Hints, Snapshot } from './snapshot.ts';

/**
 * Decides when an issue arrived at its stage, and which rings were made since (docs/design.md 2.4; docs/lessons.md 40
 * and 41). Pure.
 *
 * The record says where the issue is. Hints say that it arrived somewhere, and they may be late, repeated or
 * redriven. The sequence number of a change in the stream of the Issues table puts hints in order. It is a decimal
 * text of up to 40 digits, compared as an integer, and only within one stream. A hint counts only if its number is
 * above the highest one stored for its stream. Otherwise newer hints have already been used.
 */

type Arrived = NonNullable<Extract<Hint, { kind: 'RECORD_CHANGED' }>['arrived']>;
/**
 * An arrival with its sequence number. Hints of the previous version have none: they only cause a look at the issue.
 */
type Numbered = Required<Arrived>;

/**
 * Returns the action that stores a new arrival. There is one if the issue is seen at another stage than before, if it
 * is seen to be deleted, or if a hint shows that it was elsewhere in between.
 *
 * While the record is invalid, the stage of the issue is unknown. A hint that the issue was elsewhere is stored all
 * the same, because it does not come again.
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
 * Handles the newest hint of its stream while the issue is where it was last seen. If the stored arrival has a number
 * of the same stream, the hint reports a later change, and the record was read after that change. So the issue has
 * arrived again where it is, or it was elsewhere and has come back.
 *
 * An arrival without a number was first seen by the sweep, by an event or by the previous version. It takes the
 * number of the hint. So does an arrival whose number is of another stream, after the table was restored or the
 * stream was created again: nothing shows which came first, so nothing is sent and no ring counts because of it.
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
  // Another hint saw the arrival first, after the bell had been rung. That ring counts, unless a round has answered
  // it.
  const isLate = numberedBy === undefined && isComparable(arrived, memory);
  const isFree = arrived.bellSeq < memory.bellSeq && answeredRings(rounds, 'STAGE') < memory.bellSeq;
  return remember(isLate && isFree ? { ...here, bellSeq: arrived.bellSeq } : here);
}

/**
 * Assigns an open card to the new arrival when its issue arrives at the stage again: its result then counts for this
 * arrival. A round that is already being withdrawn is not assigned.
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

/**
 * Whether the bell of this arrival can be compared: its stream is known, or it is the first stream. Otherwise the
 * hint may be old.
 */
const isComparable = ({ streamArn }: Numbered, memory: IssueMemory | undefined): boolean =>
  memory?.highest === undefined || highestOf(memory, streamArn) !== undefined;

const highestOf = (memory: IssueMemory | undefined, streamArn: string): string | undefined =>
  memory?.highest && Object.hasOwn(memory.highest, streamArn) ? memory.highest[streamArn] : undefined;

const numbering = (
  memory: IssueMemory | undefined,
  { streamArn, sequenceNumber }: Numbered,
): Pick<IssueMemory, 'highest'> => ({ highest: { ...memory?.highest, [streamArn]: sequenceNumber } });
