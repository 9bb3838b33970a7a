import { describe, expect, it } from 'vitest';
import { approvingOf, asksAnew } from '../../../shared/approval/plan/cover.ts';
import { planFirstSight } from '../../../shared/approval/plan/first-sight.ts';
import { planReapproval } from '../../../shared/approval/plan/reapproval.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { taskHash } from '../../../shared/issue/content.ts';
import { type Stage, TASK_STATUSES, type Task, type TaskStatus } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { aRoundOf } from '../../support/round.ts';

/** Beside the task in question one more always asks, or nothing would be sent. */
const ASKING = aTask({ taskId: 'asking', statement: 'SELECT 1' });
const stageWith = (...tasks: Task[]): Stage => aStage({ tasks: [ASKING, ...tasks] });
const task = (status: TaskStatus, statement = 'SELECT 2'): Task =>
  aTask({ taskId: 'task', status, statement });
const roundOf = (stage: Stage, changes: Partial<Round> = {}): Round =>
  aRoundOf(anIssue({ stages: [stage] }), changes);

/** What stands on the record after the card of `onCard` was approved while the task stood at `atApproval`. */
function approve(onCard: Stage, atApproval: Stage, before: Record<string, string> = {}) {
  const round = roundOf(onCard);
  const { taskIds, approvedTasks } = approvingOf(round, atApproval, before);
  return { round: { ...round, state: 'APPROVED' as const }, taskIds, entry: approvedTasks };
}

/** Whether `now` has the task put back to PENDING_APPROVAL. */
function isPutBack(now: Stage, round: Round, entry: Record<string, string>): boolean {
  const steps = planReapproval(anIssue({ stages: [now] }), { approvedTasks: { [now.stageId]: entry } }, [
    round,
  ]);
  return steps.some((step) => step.do === 'REQUIRE_APPROVAL' && step.taskIds.includes('task'));
}

describe('docs/lessons.md 36: a task asks that the card called something else', () => {
  const others = TASK_STATUSES.filter((status) => status !== 'PENDING_APPROVAL');
  it.each(others)('%s on the card: its asking ends the cover', (status) => {
    expect(asksAnew(roundOf(stageWith(task(status))), stageWith(task('PENDING_APPROVAL')))).toBe(true);
  });
  it.each(others)('PENDING_APPROVAL on the card: that it is %s now ends nothing', (status) => {
    expect(asksAnew(roundOf(stageWith(task('PENDING_APPROVAL'))), stageWith(task(status)))).toBe(false);
  });
  it('a request that was not composed yet covers whatever asks then', () => {
    const waiting = roundOf(stageWith(task('CANCELED')), { state: 'REQUESTED', attempted: false });
    expect(asksAnew(waiting, stageWith(task('PENDING_APPROVAL')))).toBe(false);
    expect(asksAnew({ ...waiting, attempted: true }, stageWith(task('PENDING_APPROVAL')))).toBe(true);
    expect(asksAnew({ ...waiting, state: 'WITHDRAWN' }, stageWith(task('PENDING_APPROVAL')))).toBe(true);
  });
  it('a round of the version before has no limit', () => {
    const { asking: _, ...old } = roundOf(stageWith(task('CANCELED')));
    expect(asksAnew(old, stageWith(task('PENDING_APPROVAL')))).toBe(false);
  });
});

describe('an approval', () => {
  it('moves the tasks that asked and ask still, and no others', () => {
    const onCard = stageWith(task('PENDING_APPROVAL'), aTask({ taskId: 'other', status: 'CANCELED' }));
    const now = stageWith(task('PENDING'), aTask({ taskId: 'other', status: 'PENDING_APPROVAL' }));
    expect(approve(onCard, now).taskIds).toEqual(['asking']);
  });

  /** Status on the card; at the approval; whether `approvedTasks` has the task then: without and with an entry before. */
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
    '%s on the card, %s now: in approvedTasks %o, with an entry before %o',
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

  it('keeps no entry of a task that has changed since that entry', () => {
    const stage = stageWith(task('RUNNING'));
    const before = { task: taskHash(task('RUNNING', 'SELECT 3')) };
    expect(approve(stage, stage, before).entry).toEqual({ asking: taskHash(ASKING) });
  });
});

describe('a task of a stage that was approved through us, PENDING now,', () => {
  const NOW = stageWith(task('PENDING'));
  const CHANGED = stageWith(task('PENDING', 'DROP TABLE x'));

  /** Status on the card, and whether the task is put back: unchanged, and changed. */
  const PUT_BACK: [TaskStatus, boolean, boolean][] = [
    ['PENDING_APPROVAL', false, true],
    ['PENDING', false, true],
    ['RUNNING', false, true],
    ['FAILED', false, true],
    ['DONE', true, true],
    ['CANCELED', true, true],
    ['SKIPPED', true, true],
  ];
  it('is tried for every status', () => {
    expect(PUT_BACK.map(([status]) => status).sort()).toEqual([...TASK_STATUSES].sort());
  });
  describe.each(PUT_BACK)('%s on the card:', (onCard, unchanged, changed) => {
    const { round, entry } = approve(stageWith(task(onCard)), stageWith(task(onCard)));
    it(`is ${unchanged ? 'put back' : 'left'} when it is as it was`, () => {
      expect(isPutBack(NOW, round, entry)).toBe(unchanged);
    });
    it(`is ${changed ? 'put back' : 'left'} when it has changed`, () => {
      expect(isPutBack(CHANGED, round, entry)).toBe(changed);
    });
    it('is left once it was seen asking with this very hash: Frabit approved it', () => {
      for (const now of [NOW, CHANGED]) {
        const asked = Object.fromEntries(now.tasks.slice(1).map((one) => [one.taskId, taskHash(one)]));
        expect(isPutBack(now, { ...round, asked }, entry)).toBe(false);
      }
      const another = { task: taskHash(task('PENDING', 'SELECT 9')) };
      expect(isPutBack(CHANGED, { ...round, asked: another }, entry)).toBe(true);
    });
    it.each(TASK_STATUSES.filter((status) => status !== 'PENDING'))(
      'is none of this when it is %s',
      (status) => {
        for (const sql of ['SELECT 2', 'DROP TABLE x']) {
          expect(isPutBack(stageWith(task(status, sql)), round, entry)).toBe(false);
        }
      },
    );
  });

  it('is put back if it left PENDING_APPROVAL for another end before the card was approved', () => {
    const { round, entry } = approve(stageWith(task('PENDING_APPROVAL')), stageWith(task('CANCELED')));
    expect(isPutBack(NOW, round, entry)).toBe(true);
  });

  it('is put back once when it joined the stage, or was renamed, after the approval', () => {
    const { round, entry } = approve(stageWith(), stageWith());
    expect(isPutBack(NOW, round, entry)).toBe(true);
    const asked = { task: taskHash(task('PENDING')) };
    expect(isPutBack(NOW, { ...round, asked }, entry)).toBe(false);
  });

  it('is noticed when it asks, whatever it was on the card', () => {
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

it('rounds of the version before take their lists in one step, however many stages the issue has', () => {
  const stages = Array.from({ length: 100 }, (_, at) => aStage({ stageId: `stage-${at}` }));
  const rounds = stages.map(({ stageId }) => {
    const { asking: _, ...old } = aRoundOf(anIssue({ stages, currentStageId: stageId }), {
      state: 'REJECTED',
    });
    return old;
  });
  const [step, ...others] = planFirstSight(anIssue({ stages }), {}, rounds);
  expect(step?.do === 'FIRST_SIGHT' && step.sights).toHaveLength(100);
  expect(others).toEqual([]);
});
