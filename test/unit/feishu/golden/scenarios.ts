import type { FormInput } from '../../../../shared/feishu/form/build-form.ts';
import { shownOf } from '../../../../shared/feishu/shown-content.ts';
import type { IssueRecord, Stage, Task } from '../../../../shared/issue/record.ts';
import { sha256 } from '../../../../shared/runtime/sha256.ts';
import { anIssue, aStage, aTask } from '../../../support/issue.ts';

/** Creates the input of a first request for one stage, with changes. */
export function aFormInput(
  changes: Partial<Omit<FormInput, 'issue' | 'stage'>> & {
    issue?: Partial<IssueRecord>;
    stage?: Partial<Stage>;
  } = {},
): FormInput {
  const stage = aStage(changes.stage);
  return {
    contentSha256: sha256('content'),
    triggers: ['NEW_STAGE'],
    requesterIsBot: false,
    ...changes,
    issue: anIssue({ ...changes.issue, stages: [stage] }),
    stage,
  };
}

const tasks = (count: number, make: (position: number) => Partial<Task>): Task[] =>
  Array.from({ length: count }, (_, index) => aTask({ taskId: `task-${index + 1}`, ...make(index + 1) }));

const firstTasks = [
  aTask({
    check: 'SUCCESS',
    statement: 'ALTER TABLE orders\n  ADD COLUMN note TEXT,\n  ADD INDEX idx_user (user_id);',
  }),
  aTask({
    taskId: 'task-2',
    title: 'Fill the column',
    type: 'DML',
    check: 'WARN',
    statement: "UPDATE orders SET note = '' WHERE note IS NULL;",
  }),
  aTask({
    taskId: 'task-3',
    title: 'Add a column',
    database: 'shop_archive',
    check: 'SUCCESS',
    statement: 'ALTER TABLE orders\n  ADD COLUMN note TEXT,\n  ADD INDEX idx_user (user_id);',
  }),
];

const before = aFormInput({ stage: { tasks: firstTasks } });
const changedTasks = [
  aTask({ ...firstTasks[1], instance: 'mysql-prod-2' }),
  aTask({
    ...firstTasks[0],
    statement: 'ALTER TABLE orders\n  ADD COLUMN note VARCHAR(200),\n  ADD INDEX idx_user (user_id);',
  }),
  aTask({
    taskId: 'task-4',
    title: 'Drop the old column',
    statement: 'ALTER TABLE orders DROP COLUMN remark;',
    check: 'RUNNING',
  }),
];

const lines = (count: number, first = 1): string =>
  Array.from({ length: count }, (_, index) => `INSERT INTO prices VALUES (${index + first});`).join('\n');

/** Tasks with different SQL, each of about 2,000 characters. */
export const twoHundredTasks: FormInput = aFormInput({
  stage: {
    tasks: tasks(200, (position) => ({
      title: `Move the orders of shop ${position}`,
      type: 'DML',
      instance: `mysql-prod-${1 + (position % 4)}`,
      database: `shop_${position}`,
      check: position % 50 === 0 ? 'WARN' : 'SUCCESS',
      statement: lines(50, position),
    })),
  },
});

/** The scenarios whose whole form is stored beside this file. */
export const SCENARIOS: Record<string, FormInput> = {
  'first-send': before,
  'sql-changed': aFormInput({
    triggers: ['ASSIGNEE_CHANGED', 'STATEMENT_CHANGED', 'BELL'],
    previous: shownOf(before.issue, before.stage),
    issue: { assignee: { email: 'other@example.com' } },
    stage: { environment: 'prod-eu', tasks: changedTasks },
  }),
  'same-content-rung': aFormInput({
    triggers: ['BELL'],
    previous: shownOf(before.issue, before.stage),
    stage: { tasks: firstTasks },
  }),
  '10000-lines': aFormInput({ stage: { tasks: [aTask({ statement: lines(10_000) })] } }),
  '40-identical-tasks': aFormInput({
    stage: { tasks: tasks(40, (position) => ({ database: `shop_${position}`, check: 'SUCCESS' })) },
  }),
  'title-of-many-scripts': aFormInput({
    issue: {
      title: '给“订单”表加备注\n"quoted" \\ 🚀👩‍💻 \u202Egnp.exe\u200B',
      issueId: '工单/1#2',
      creator: { email: 'an@example.com' },
    },
    stage: {
      title: '第一步：生产 🇨🇳',
      tasks: [aTask({ title: '@i18n@value_sql\n▌Task 2 · 1 line', database: '订单库' })],
    },
  }),
  'bot-requester': aFormInput({
    requesterIsBot: true,
    issue: { projectId: null },
    stage: { environment: null },
  }),
  sheet: aFormInput({
    stage: {
      tasks: [
        aTask({
          statement: null,
          sheet: {
            uri: 's3://frabit-sheets/42?versionId=7',
            sha256: 'ab'.repeat(32),
            sizeBytes: 73_400_320,
            preview: lines(3),
          },
        }),
        aTask({ taskId: 'task-2', title: 'Nothing to run', statement: '' }),
        aTask({ taskId: 'task-3', title: '', instance: null, database: null, statement: ' \n' }),
      ],
    },
  }),
};
