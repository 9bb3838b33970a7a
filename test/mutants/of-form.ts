import type { TestedMutant } from './tested-mutant.ts';

const TASK_LIST = 'shared/feishu/form/task-list.ts';
const SQL_GROUPS = 'shared/feishu/form/sql-groups.ts';
const CONTENT = 'shared/issue/content-hash.ts';

const hashedAlike = (member: 'type' | 'instance' | 'database'): TestedMutant => ({
  name: `an empty ${member} has the same hash as no ${member}`,
  harm: `A ${member} is changed from none to an empty name, and the old approval still counts.`,
  file: CONTENT,
  find: `task.${member} ?? null,`,
  replace: `task.${member} || null,`,
  noticedBy: ['test/unit/issue/task-hash.test.ts'],
});

/** Mutants of what a card shows, and what its content hash covers. */
export const FORM_MUTANTS: readonly TestedMutant[] = [
  {
    name: 'tasks on different instances share an entry',
    harm: 'The approver reads the wrong instance for a task.',
    file: TASK_LIST,
    find: 'JSON.stringify([title, type ?? null, instance ?? null, status, check ?? null]);',
    replace: 'JSON.stringify([title, type ?? null, status, check ?? null, instance !== undefined]);',
    noticedBy: ['test/unit/feishu/form-one-field.test.ts'],
  },
  {
    name: 'tasks of different types share an entry',
    harm: 'The approver reads DDL although DML will run.',
    file: TASK_LIST,
    find: 'JSON.stringify([title, type ?? null, instance ?? null, status, check ?? null]);',
    replace: 'JSON.stringify([title, instance ?? null, status, check ?? null, type !== undefined]);',
    noticedBy: ['test/unit/feishu/form-one-field.test.ts'],
  },
  {
    name: 'SQL that differs only in white space is grouped as one statement',
    harm: 'The approver never sees the SQL of the second task.',
    file: SQL_GROUPS,
    find: "['statement', statement ?? '']",
    replace: "['statement', (statement ?? '').replace(/\\s+/g, ' ')]",
    noticedBy: ['test/unit/feishu/form-one-field.test.ts'],
  },
  {
    name: 'sheets with the same URI and different hashes are shown as one',
    harm: 'The approver checks one sheet, and another one runs as well.',
    file: SQL_GROUPS,
    find: "['sheet', sheet.uri, sheet.sha256, sheet.sizeBytes, sheet.preview]",
    replace: "['sheet', sheet.uri, sheet.sizeBytes, sheet.preview]",
    noticedBy: ['test/unit/feishu/form-one-field.test.ts'],
  },
  {
    name: 'SQL with one character too many is cut without a note below it',
    harm: 'The approver believes that the shown SQL is complete.',
    file: 'shared/feishu/form/sql-sections.ts',
    find: 'if (part.shown < part.total) {',
    replace: 'if (part.shown + 1 < part.total) {',
    noticedBy: ['test/unit/feishu/form-cut-by-one.test.ts'],
  },
  {
    name: 'SQL with one character too many is cut without a warning in the first line',
    harm: 'A cut card is sent although the settings refuse cut cards.',
    file: 'shared/feishu/form/left-out.ts',
    find: 'statements.filter(({ missing }) => missing > 0)',
    replace: 'statements.filter(({ missing }) => missing > 1)',
    noticedBy: ['test/unit/feishu/form-cut-by-one.test.ts'],
  },
  hashedAlike('type'),
  hashedAlike('instance'),
  hashedAlike('database'),
  {
    name: 'a task whose earlier status is unknown counts as one that asks only now',
    harm: 'The approver reads about a change that nobody made.',
    file: 'shared/feishu/form/changes.ts',
    find: 'keptTasks(before, now).filter((task) => task.before.status !== undefined);',
    replace: 'keptTasks(before, now);',
    noticedBy: ['test/unit/feishu/form-asking.test.ts'],
  },
  {
    name: 'the changes of a sheet do not show its hash',
    harm: 'The approver reads that a sheet changed, but sees the same URI and size twice.',
    file: 'shared/feishu/form/changes.ts',
    find: '    form.sheetSize(sheet.sizeBytes),\n    form.sheetHash(sheet.sha256.toLowerCase()),',
    replace: '    form.sheetSize(sheet.sizeBytes),',
    noticedBy: ['test/unit/feishu/form-changes.test.ts'],
  },
  {
    name: 'a cut type is not shown as cut',
    harm: 'Two long types look the same on a card, and the first line says that nothing is left out.',
    file: 'shared/feishu/form/fit-tasks.ts',
    find: '[type, instance, database].some((name) => codePoints',
    replace: '[instance, database].some((name) => type !== 0 && codePoints',
    noticedBy: ['test/unit/feishu/form-left-out.test.ts'],
  },
  {
    name: 'the title of the approval instance is the title of the stage',
    harm: 'In the list of approvals the approver confuses two issues.',
    file: 'shared/feishu/form/fixed-texts.ts',
    find: 'showInstanceTitle(issue.title, words,',
    replace: 'showInstanceTitle(stage.title, words,',
    noticedBy: ['test/unit/card-reader/falsified.test.ts'],
  },
  {
    name: 'the changes show removed SQL as added, and added SQL as removed',
    harm: 'The approver reads that a statement is removed although it will run.',
    file: 'shared/feishu/form/sql-diff.ts',
    find: "run.added ? '+' : run.removed ? '-' : ' ';",
    replace: "run.added ? '-' : run.removed ? '+' : ' ';",
    noticedBy: ['test/unit/card-reader/falsified-changes.test.ts'],
  },
  {
    name: 'changes for which there is no room are left out without a note',
    harm: 'The approver believes that the list of changes is complete, and checks no other task.',
    file: 'shared/feishu/form/fit-changes.ts',
    find: 'const unnamed = changes.length - named.length;',
    replace: 'const unnamed = named.length - named.length;',
    noticedBy: ['test/unit/card-reader/falsified-changes.test.ts'],
  },
];
