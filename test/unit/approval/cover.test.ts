import { describe, expect, it } from 'vitest';
import { approvingOf, asksAnew } from '../../../shared/approval/plan/cover.ts';
import { planReapproval } from '../../../shared/approval/plan/reapproval.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { planFirstSight } from '../../../shared/approval/plan/rounds-of-earlier-versions.ts';
import { taskHash } from '../../../shared/issue/content-hash.ts';
import { type Stage, TASK_STATUSES, type Task, type TaskStatus } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { aRoundOf } from '../../support/round.ts';

/** A second task that always asks. Without one, nothing would be sent. */
const ASKING = aTask({ taskId: 'asking', statement: 'SELECT 1' });
const stageWith = (...tasks: Task[]): Stage => aStage({ tasks: [ASKING, ...tasks] });
const task = (status: TaskStatus, statement = 'SELECT 2'): Task =>
  aTask({ taskId: 'task', status, statement });
const roundOf = (stage: Stage, changes: Partial<Round> = {}): Round =>
  aRoundOf(anIssue({ stages: [stage] }), changes);

/** Returns what the approval of the card `onCard` changes, if the stage is `atApproval` at that moment. */
function approve(onCard: Stage, atApproval: Stage, before: Record<string, string> = {}) {
  const round = roundOf(onCard);
  const { taskIds, approvedTasks } = approvingOf(round, atApproval, before);
  return { round: { ...round, state: 'APPROVED' as const }, taskIds, entry: approvedTasks };
}

/** Whether the task is set back to PENDING_APPROVAL if the stage is `now`. */
function isSetBack(now: Stage, round: Round, entry: Record<string, string>): boolean {
  const actions = planReapproval(anIssue({ stages: [now] }), { approvedTasks: { [now.stageId]: entry } }, [
    round,
  ]);
  return actions.some((action) => action.do === 'REQUIRE_APPROVAL' && action.taskIds.includes('task'));
}

describe('docs/lessons.md 36: a task that the card shows as', () => {
  const others = TASK_STATUSES.filter((status) => status !== 'PENDING_APPROVAL');
  it.each(others)('%s is no longer covered once it asks', (status) => {
    expect(asksAnew(roundOf(stageWith(task(status))), stageWith(task('PENDING_APPROVAL')))).toBe(true);
  });
  it.each(others)('PENDING_APPROVAL does not supersede the card when it is %s later', (status) => {
    expect(asksAnew(roundOf(stageWith(task('PENDING_APPROVAL'))), stageWith(task(status)))).toBe(false);
  });
  it('CANCELED is covered when it asks before the request is composed', () => {
    const waiting = roundOf(stageWith(task('CANCELED')), { state: 'REQUESTED', attempted: false });
    expect(asksAnew(waiting, stageWith(task('PENDING_APPROVAL')))).toBe(false);
    expect(asksAnew({ ...waiting, attempted: true }, stageWith(task('PENDING_APPROVAL')))).toBe(true);
    expect(asksAnew({ ...waiting, state: 'WITHDRAWN' }, stageWith(task('PENDING_APPROVAL')))).toBe(true);
  });
  it('CANCELED is covered when it asks in a round of the previous version', () => {
    const { asking: _, ...old } = roundOf(stageWith(task('CANCELED')));
    expect(asksAnew(old, stageWith(task('PENDING_APPROVAL')))).toBe(false);
  });
});

describe('an approval', () => {
  it('changes the tasks that asked and still ask, and no others', () => {
    const onCard = stageWith(task('PENDING_APPROVAL'), aTask({ taskId: 'other', status: 'CANCELED' }));
    const now = stageWith(task('PENDING'), aTask({ taskId: 'other', status: 'PENDING_APPROVAL' }));
    expect(approve(onCard, now).taskIds).toEqual(['asking']);
  });

  /** Status on the card, status at the approval, and whether `approvedTasks` gets the task: without and with an earlier entry. */
  const ENTRIES: [TaskStatus, TaskStatus, boolean, boolean][] = TASK_STATUSES.flatMap((onCard) =>
    TASK_STATUSES.filter((now) => now !== 'PENDING_APPROVAL' || onCard === now).map(
      (now): [TaskStatus, TaskStatus, boolean, boolean] => {
        switch (onCard) {
          case 'PENDING_APPROVAL':
            return [onCard, now, ...both(now === 'PENDING_APPROVAL' || now === 'PENDING')];
          case 'PENDING':
          case 'RUNNING':
          case 'FAILED':
            return [onCard, now, false, true];
          default:
            return [onCard, now, false, false];
        }
      },
    ),
  );
  it.each(ENTRIES)(
    'of a task that is %s on the card and %s now: in approvedTasks %o, with an earlier entry %o',
    (onCard, now, without, withEntry) => {
      const hash = taskHash(task(now));
      const asked = { asking: taskHash(ASKING) };
      expect(approve(stageWith(task(onCard)), stageWith(task(now))).entry).toEqual({
        ...asked,
        ...(without && { task: hash }),
      });
      expect(approve(stageWith(task(onCard)), stageWith(task(now)), { task: hash }).entry).toEqual({
        ...asked,
        ...(withEntry && { task: hash }),
      });
    },
  );

  it('removes the entry of a task that has changed since that entry', () => {
    const stage = stageWith(task('RUNNING'));
    const before = { task: taskHash(task('RUNNING', 'SELECT 3')) };
    expect(approve(stage, stage, before).entry).toEqual({ asking: taskHash(ASKING) });
  });
});

describe('a PENDING task of a stage that was approved through us', () => {
  const NOW = stageWith(task('PENDING'));
  const CHANGED = stageWith(task('PENDING', 'DROP TABLE x'));

  /** Status on the card, and whether the task is set back: if unchanged, and if changed. */
  const SET_BACK: [TaskStatus, boolean, boolean][] = [
    ['PENDING_APPROVAL', false, true],
    ['PENDING', false, true],
    ['RUNNING', false, true],
    ['FAILED', false, true],
    ['DONE', true, true],
    ['CANCELED', true, true],
    ['SKIPPED', true, true],
  ];
  it('is tested with every status', () => {
    expect(SET_BACK.map(([status]) => status).sort()).toEqual([...TASK_STATUSES].sort());
  });
  describe.each(SET_BACK)('with the status %s on the card', (onCard, unchanged, changed) => {
    const { round, entry } = approve(stageWith(task(onCard)), stageWith(task(onCard)));
    it(`is ${unchanged ? 'set back' : 'left'} when it is unchanged`, () => {
      expect(isSetBack(NOW, round, entry)).toBe(unchanged);
    });
    it(`is ${changed ? 'set back' : 'left'} when it has changed`, () => {
      expect(isSetBack(CHANGED, round, entry)).toBe(changed);
    });
    it('is left if it was seen asking with the same hash, because then Frabit approved it', () => {
      for (const now of [NOW, CHANGED]) {
        const asked = Object.fromEntries(now.tasks.slice(1).map((one) => [one.taskId, taskHash(one)]));
        expect(isSetBack(now, { ...round, asked }, entry)).toBe(false);
      }
      const another = { task: taskHash(task('PENDING', 'SELECT 9')) };
      expect(isSetBack(CHANGED, { ...round, asked: another }, entry)).toBe(true);
    });
    it.each(TASK_STATUSES.filter((status) => status !== 'PENDING'))('is left when it is %s now', (status) => {
      for (const sql of ['SELECT 2', 'DROP TABLE x']) {
        expect(isSetBack(stageWith(task(status, sql)), round, entry)).toBe(false);
      }
    });
  });

  it('is set back if it was neither PENDING_APPROVAL nor PENDING at the approval', () => {
    const { round, entry } = approve(stageWith(task('PENDING_APPROVAL')), stageWith(task('CANCELED')));
    expect(isSetBack(NOW, round, entry)).toBe(true);
  });

  it('is set back once when it joined the stage, or got a new id, after the approval', () => {
    const { round, entry } = approve(stageWith(), stageWith());
    expect(isSetBack(NOW, round, entry)).toBe(true);
    const asked = { task: taskHash(task('PENDING')) };
    expect(isSetBack(NOW, { ...round, asked }, entry)).toBe(false);
  });

  it('is recorded as asking, whatever its status on the card', () => {
    const { round, entry } = approve(stageWith(task('CANCELED')), stageWith(task('CANCELED')));
    const asking = stageWith(task('PENDING_APPROVAL'));
    const ours = { approvedTasks: { [asking.stageId]: entry } };
    expect(planReapproval(anIssue({ stages: [asking] }), ours, [round])).toEqual([
      {
        do: 'RECORD_ASKING',
        approvalId: round.approvalId,
        asked: { task: taskHash(task('PENDING_APPROVAL')) },
      },
    ]);
  });
});

const both = (one: boolean): [boolean, boolean] => [one, one];

it('rounds of the previous version get their lists in one action, however many stages the issue has', () => {
  const stages = Array.from({ length: 100 }, (_, at) => aStage({ stageId: `stage-${at}` }));
  const rounds = stages.map(({ stageId }) => {
    const { asking: _, ...old } = aRoundOf(anIssue({ stages, currentStageId: stageId }), {
      state: 'REJECTED',
    });
    return old;
  });
  const [action, ...others] = planFirstSight(anIssue({ stages }), {}, rounds);
  expect(action?.do === 'FIRST_SIGHT' && action.sights).toHaveLength(100);
  expect(others).toEqual([]);
});
