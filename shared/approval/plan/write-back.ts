import { isDeepStrictEqual } from 'node:util';
import { externalSteps } from '../../issue/content-hash.ts';
import { spareBytes } from '../../issue/issue-image.ts';
import type { IssueRecord } from '../../issue/record.ts';
import { itemSize } from '../../runtime/attribute-values.ts';
import type { MapChange, WriteBack } from './action.ts';
import { approvalOf, someAsking } from './approval.ts';
import { externalStatus } from './flow.ts';
import { latestRounds } from './latest-round.ts';
import { mayHaveLostRounds } from './retention.ts';
import type { Round, Subject } from './round.ts';
import { everyRound, isEntryUnknown, isLeftAlone, isUnknown } from './rounds-of-newer-versions.ts';
import { asMap, type IssueState, type Snapshot, type WrittenBack } from './snapshot.ts';
import { holdOf } from './wanted.ts';

/** Returns what must change on the record so that it agrees with the rounds; undefined if it already does. */
export function planWriteBack(snapshot: Snapshot, now: Date): WriteBack | undefined {
  const { issue } = snapshot;
  switch (issue.kind) {
    case 'ABSENT':
      return undefined;
    case 'INVALID':
      return planError(issue.message, issue.ours, now);
    case 'VALID': {
      const current = latestRounds(snapshot.rounds);
      const round = current.find(
        ({ subject }) => subject.kind === 'STAGE' && subject.id === issue.record.currentStageId,
      );
      const room = { asking: hasRoomForAsking(issue, everyRound(snapshot)) };
      const at = { snapshot, room, mayHaveLost: mayHaveLostRounds(snapshot.memory, now) };
      const change: WriteBack = {
        stageApprovals: changeMap(issue.ours.stageApprovals, current, 'STAGE', at),
        stepApprovals: changeMap(issue.ours.stepApprovals, current, 'STEP', at),
        stepStatuses: wrongStatuses(issue.record, snapshot),
        ...changeHold(issue, round, snapshot),
        ...(issue.ours.approvalError === undefined ? {} : { approvalError: null }),
      };
      return changesAnything(change) ? change : undefined;
    }
    default:
      return issue satisfies never;
  }
}

/** Returns the change of the hold. The hold of a stage that is left alone does not change. */
function changeHold(
  { record, ours }: Extract<Snapshot['issue'], { kind: 'VALID' }>,
  round: Round | undefined,
  snapshot: Snapshot,
): Pick<WriteBack, 'approvalHold'> {
  const { currentStageId } = record;
  if (currentStageId && isLeftAlone({ kind: 'STAGE', id: currentStageId }, record, snapshot)) return {};
  const hold = holdOf({ ...snapshot, rounds: everyRound(snapshot), issue: record }, round);
  return hold === ours.approvalHold ? {} : { approvalHold: hold ?? null };
}

const untouched: MapChange = { set: {}, remove: [] };

function planError(message: string, ours: WrittenBack, now: Date): WriteBack | undefined {
  const present = asMap(ours.approvalError);
  if (present.code === 'INVALID_RECORD' && present.message === message) return undefined;
  return {
    stageApprovals: untouched,
    stepApprovals: untouched,
    stepStatuses: {},
    approvalError: { code: 'INVALID_RECORD', message, at: now.toISOString() },
  };
}

/**
 * Returns the EXTERNAL steps whose `status` on the record is wrong. This product writes it (docs/contract.md 1). For
 * an issue that is not OPEN, nobody needs it.
 */
function wrongStatuses(issue: IssueRecord, snapshot: Snapshot): WriteBack['stepStatuses'] {
  const { rounds, memory } = snapshot;
  if (issue.status !== 'OPEN') return {};
  return Object.fromEntries(
    externalSteps(issue)
      .filter(({ stepId }) => !isUnknown({ kind: 'STEP', id: stepId }, snapshot))
      .map((step) => ({ step, status: externalStatus(step, { issue, rounds, memory }) }))
      .filter(({ step, status }) => step.status !== status)
      .map(({ step, status }) => [step.stepId, status]),
  );
}

/**
 * Whether the record has room for the lists of tasks that asked, beside everything else that needs room (ADR 8). If
 * it has not, the record stays valid, and its approvals have no such lists.
 */
export function hasRoomForAsking(
  { record, raw }: Extract<IssueState, { kind: 'VALID' }>,
  rounds: readonly Round[],
): boolean {
  const lists = latestRounds(rounds)
    .map(someAsking)
    .filter((asking) => asking !== undefined);
  return lists.length === 0 || bytesOfLists(lists) <= spareBytes(raw, record);
}

const bytesOfLists = (lists: readonly (readonly string[])[]): number =>
  lists.reduce((sum, list) => sum + itemSize({ asking: { L: list.map((S) => ({ S })) } }) + 1, 0);

interface WritingBack {
  snapshot: Snapshot;
  room: { asking: boolean };
  /** Rounds may have been deleted. So an entry without a round may be the only trace of an approval, and it stays. */
  mayHaveLost: boolean;
}

function changeMap(
  present: unknown,
  current: readonly Round[],
  kind: Subject['kind'],
  { snapshot, room, mayHaveLost }: WritingBack,
): MapChange {
  const entries = asMap(present);
  const rounds = new Map(
    current.filter((round) => round.subject.kind === kind).map((round) => [round.subject.id, round]),
  );
  const set: Record<string, unknown> = {};
  for (const [id, round] of rounds) {
    const approval = approvalOf(round, room);
    if (!isDeepStrictEqual(entries[id], approval)) set[id] = approval;
  }
  const hasNoRound = (id: string) => !rounds.has(id) && !isEntryUnknown(id, kind, snapshot);
  const remove = mayHaveLost ? [] : Object.keys(entries).filter(hasNoRound);
  return { set, remove };
}

const changesAnything = (change: WriteBack): boolean =>
  change.approvalHold !== undefined ||
  change.approvalError !== undefined ||
  Object.keys(change.stepStatuses).length > 0 ||
  [change.stageApprovals, change.stepApprovals].some(
    ({ set, remove }) => Object.keys(set).length > 0 || remove.length > 0,
  );
