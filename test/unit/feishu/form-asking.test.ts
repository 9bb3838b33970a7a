import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { FORM_LEVELS } from '../../../shared/feishu/form/form-kind.ts';
import { MESSAGES } from '../../../shared/feishu/message-tables.ts';
import { BOTH } from '../../../shared/feishu/messages-both.ts';
import { type Shown, shownOf, shownSchema } from '../../../shared/feishu/shown-content.ts';
import type { Task, TaskStatus } from '../../../shared/issue/record.ts';
import { aTask } from '../../support/issue.ts';
import { type Locale, readForm, textOfField } from './golden/read-form.ts';
import { aFormInput } from './golden/scenarios.ts';

const read = (input: FormInput, locale: Locale = 'en-US') => readForm(buildInstanceForm(input), locale);
const UNCHANGED = 'SQL, targets and approver are the same as before';

/** Tasks in these states: `a` waits for approval, the others do not. */
const stageOf = (states: Record<string, TaskStatus>, more: Partial<Task> = {}) => ({
  stage: {
    tasks: Object.entries(states).map(([taskId, status]) =>
      aTask({ taskId, title: taskId, status, ...more }),
    ),
  },
});
const shownFor = (states: Record<string, TaskStatus>): Shown => {
  const { issue, stage } = aFormInput(stageOf(states));
  return shownOf(issue, stage);
};
const changes = (before: Shown, now: Parameters<typeof aFormInput>[0], locale?: Locale) =>
  textOfField(read(aFormInput({ ...now, previous: before }), locale), 'changes');

describe('what was shown', () => {
  it('has status and check of each task', () => {
    const { issue, stage } = aFormInput({
      stage: { tasks: [aTask({ check: 'WARN' }), aTask({ taskId: '2', status: 'DONE' })] },
    });
    expect(shownOf(issue, stage).tasks.map(({ status, check }) => [status, check])).toEqual([
      ['PENDING_APPROVAL', 'WARN'],
      ['DONE', null],
    ]);
  });

  it('can be read if an earlier or a later version stored it', () => {
    const { tasks, ...rest } = shownFor({ a: 'PENDING_APPROVAL' });
    const earlier = tasks.map(({ status: _, check: __, ...task }) => task);
    const later = tasks.map((task) => ({ ...task, status: 'PAUSED', check: 'SKIPPED', owner: 'x' }));
    expect(shownSchema.parse({ ...rest, tasks: earlier }).tasks).toEqual(earlier);
    expect(shownSchema.parse({ ...rest, tasks: later }).tasks[0]).toMatchObject({ status: 'PAUSED' });
  });
});

describe('which tasks ask', () => {
  it('is shown if a task asks now and did not before, with the same content', () => {
    const before = shownFor({ a: 'PENDING_APPROVAL', b: 'CANCELED', c: 'DONE', d: 'CANCELED' });
    const now = stageOf({
      a: 'PENDING_APPROVAL',
      b: 'PENDING_APPROVAL',
      c: 'PENDING_APPROVAL',
      d: 'CANCELED',
    });
    expect(changes(before, now)).toBe(`▌${UNCHANGED}\n▌Pending approval now, and not before: tasks 2–3`);
    expect(changes(before, now, 'zh-CN')).toBe(
      '▌语句、执行目标和审批人均无变化\n▌现在待审批，上次不是：任务 2–3',
    );
  });

  it('is shown if a task no longer asks', () => {
    const before = shownFor({ a: 'PENDING_APPROVAL', b: 'PENDING_APPROVAL' });
    expect(changes(before, stageOf({ a: 'CANCELED', b: 'PENDING_APPROVAL' }))).toBe(
      `▌${UNCHANGED}\n▌No longer pending approval: task 1`,
    );
  });

  it('stands before what changed in the content', () => {
    const before = shownFor({ a: 'DONE', b: 'PENDING_APPROVAL' });
    expect(changes(before, stageOf({ a: 'PENDING_APPROVAL', b: 'DONE' }, { instance: 'i2' }))).toBe(
      '▌Pending approval now, and not before: task 1\n▌No longer pending approval: task 2\n' +
        '▌Instance of tasks 1–2 (all)\n- mysql-prod-1\n+ i2',
    );
  });

  it('is not shown for added and removed tasks', () => {
    const before = shownFor({ a: 'PENDING_APPROVAL', b: 'PENDING_APPROVAL' });
    expect(changes(before, stageOf({ b: 'PENDING_APPROVAL', c: 'PENDING_APPROVAL' }))).toBe(
      '▌Added: task 2\n+ c\n▌Removed: former task 1\n- a',
    );
  });

  it('is not shown if nothing changed or an earlier version did not store it', () => {
    const before = shownFor({ a: 'PENDING_APPROVAL', b: 'DONE' });
    expect(changes(before, stageOf({ a: 'PENDING_APPROVAL', b: 'CANCELED' }))).toBe(UNCHANGED);
    const earlier = { ...before, tasks: before.tasks.map(({ status: _, ...task }) => task) };
    expect(changes(earlier, stageOf({ a: 'CANCELED', b: 'PENDING_APPROVAL' }))).toBe(UNCHANGED);
  });

  it('is a reason for a request, in every table of texts', () => {
    expect(MESSAGES['en-US'].triggers.STATEMENT_CHANGED).toContain('or the tasks that ask');
    expect(MESSAGES['zh-CN'].triggers.STATEMENT_CHANGED).toContain('待审批的任务');
    expect(BOTH.triggers.STATEMENT_CHANGED).toBe(
      `${MESSAGES['zh-CN'].triggers.STATEMENT_CHANGED} / ${MESSAGES['en-US'].triggers.STATEMENT_CHANGED}`,
    );
  });
});

describe('which tasks an approval covers', () => {
  const covers = (states: Record<string, TaskStatus>, locale?: Locale) =>
    textOfField(read(aFormInput(stageOf(states)), locale), 'tasks').split('\n')[1];

  it('is shown if not all tasks ask', () => {
    const states = { a: 'PENDING_APPROVAL', b: 'CANCELED', c: 'PENDING_APPROVAL' } as const;
    expect(covers(states)).toBe('▌An approval covers only what is pending approval: tasks 1, 3');
    expect(covers({ a: 'DONE', b: 'PENDING_APPROVAL' })).toBe(
      '▌An approval covers only what is pending approval: task 2',
    );
    expect(covers(states, 'zh-CN')).toBe('▌同意只对待审批的任务有效：任务 1、3');
  });

  it('is not shown if all of them ask', () => {
    expect(covers({ a: 'PENDING_APPROVAL', b: 'PENDING_APPROVAL' })).toBe('▌1. a');
  });

  it.each(FORM_LEVELS)('is shown also if most tasks are not listed: %s', (level) => {
    const tasks = Array.from({ length: 1_000 }, (_, index) =>
      aTask({
        taskId: `${index}`,
        title: `${index}`.padEnd(60, 't'),
        status: index === 998 ? 'CANCELED' : 'PENDING_APPROVAL',
      }),
    );
    const form = buildInstanceForm(aFormInput({ stage: { tasks } }), { level, wording: 'KEYS' });
    expect(textOfField(readForm(form, 'en-US'), 'tasks')).toContain(
      '\n▌An approval covers only what is pending approval: tasks 1–998, 1000\n',
    );
  });
});
