import { describe, expect, it } from 'vitest';
import type { Task } from '../../../shared/issue/record.ts';
import type { SeenCard } from '../../card-reader/card.ts';
import { compareCard } from '../../card-reader/compare.ts';
import { readCard } from '../../card-reader/read-card.ts';
import { aStage, aTask } from '../../support/issue.ts';
import { cardOf, issueOf } from './built-cards.ts';

const sheet = { uri: 's3://sheets/1', sha256: 'a'.repeat(64), sizeBytes: 7, preview: 'SELECT 7' };
const stage = aStage({
  tasks: [
    aTask({ taskId: '1', title: 'One', statement: 'DELETE FROM one;\n  -- all', check: 'SUCCESS' }),
    aTask({ taskId: '2', title: 'Two', statement: 'DELETE FROM two;', database: 'other' }),
    aTask({ taskId: '3', title: 'Two', statement: 'DELETE FROM two;', database: 'third' }),
    aTask({ taskId: '4', title: 'Four', status: 'CANCELED', statement: null, sheet }),
    aTask({ taskId: '5', title: 'Five', instance: null, statement: "INSERT '\u05D0\u200B'" }),
  ],
});
const issue = issueOf(stage);
const long: Partial<Task> = { statement: `UPDATE t SET a = '${'x'.repeat(120_000)}';` };
const cutStage = aStage({ tasks: [aTask(long)] });

/** Returns the differences that a reader sees, or why the card cannot be read. */
function judge(card: SeenCard, of = stage): string {
  try {
    return compareCard(readCard(card, 'en-US'), issueOf(of), of).join('; ');
  } catch (error) {
    return String(error);
  }
}

const FULL = { level: 'FULL', wording: 'KEYS' } as const;
const right = cardOf(issue, stage, FULL, 'en-US');

/** Returns the card with a text replaced in one field. */
function falsify(card: SeenCard, find: string | RegExp, replace: string): SeenCard {
  const fields = card.fields.map((field) => ({ ...field, value: field.value.replace(find, () => replace) }));
  const changed = fields.filter(({ value }, index) => value !== card.fields[index]?.value);
  if (changed.length !== 1) throw new Error(`${changed.length} fields have ${find}`);
  return { ...card, fields };
}

it('the card reader accepts a correct card', () => {
  expect(judge(right)).toBe('');
  expect(judge(cardOf(issueOf(cutStage), cutStage, FULL, 'en-US'), cutStage)).toBe('');
});

describe('the card reader finds a wrong card (docs/lessons.md 43)', () => {
  const CASES: [what: string, find: string | RegExp, replace: string][] = [
    ['if a letter of the SQL is different', 'FROM one', 'FROM ONE'],
    ['if the SQL has one space less', '  -- all', ' -- all'],
    ['if the SQL has one more space at its end', 'FROM one;\n', 'FROM one; \n'],
    ['if the SQL has one more line', 'FROM one;\n', 'FROM one;\n\n'],
    ['if the SQL has one line less', '\n  -- all', ''],
    ['if a task is left out of the list', /▌1\. One\n(?:[^▌].*\n)*/, ''],
    ['if a task is listed twice', '▌1. One', '▌1–2. One'],
    ['if a task has another title', '▌1. One', '▌1. Won'],
    ['if a task has another type', 'Type: DDL', 'Type: DML'],
    ['if a task does not show its instance', 'Instance: mysql-prod-1\n', ''],
    [
      'if a task shows an instance that it does not have',
      '▌5. Five\nType: DDL\n',
      '▌5. Five\nType: DDL\nInstance: a\n',
    ],
    ['if two databases are exchanged', /2: other\nDatabase 3: third/, '2: third\nDatabase 3: other'],
    ['if a task does not show its database', 'Database 2: other\n', ''],
    ['if a task has another status', 'canceled\n', 'pending approval\n'],
    ['if the counts are wrong', 'pending approval: 4; canceled: 1', 'pending approval: 3; canceled: 2'],
    ['if a check is left out', 'pending approval; check passed', 'pending approval'],
    ['if an approval covers another task', 'approval: tasks 1–3, 5', 'approval: tasks 1–4'],
    ['if it does not show what an approval covers', /▌An approval covers.*\n/, ''],
    ['if a hash is different', /Task hash: [0-9a-f]{4}/, 'Task hash: 0000'],
    ['if SQL belongs to another task', '▌Task 5 ·', '▌Task 4 ·'],
    ['if SQL belongs to fewer tasks', '▌Tasks 2–3 ·', '▌Task 2 ·'],
    ['if the SQL is in another order', '▌Task 1 ·', '▌Task 6 ·'],
    ['if a file has another hash', 'of the file: aaaa', 'of the file: bbbb'],
    ['if a file has another address', 'File: s3://sheets/1', 'File: s3://sheets/2'],
    ['if the end of a preview is not marked', /\n▌End of the preview.*/, ''],
    ['if a preview is not marked as a preview', '▌A preview follows, not the whole\n', ''],
    ['if it does not begin with what is left out', /^▌⚠ 1 of 5.*\n/, ''],
    ['if it does not list what is left out', 'Large files have a preview at most (task 4)\n', ''],
    ['if a right-to-left letter is not escaped', '\\u{5D0}', '\u05D0'],
    ['if a zero-width character is not escaped', '\\u{200B}', '\u200B'],
    ['if an invisible character is lost', '\\u{200B}', ''],
    ['if the SQL contains a line of ours', 'DELETE FROM one;', '▌Task 1 · 1 line\nDELETE FROM one;'],
    ['if it has an unknown text', 'Task hash: ', 'Hash of the task: '],
    ['if the stage is different', 'Production', 'Staging'],
    ['if the environment is different', /^prod$/, 'test'],
  ];
  it.each(CASES)('%s', (_, find, replace) => {
    expect(judge(falsify(right, find, replace))).not.toBe('');
  });

  it.each(['Add a column · issue-1', 'Orders get a note · issue-2', 'Orders get a note'])(
    'if its title is "%s"',
    (title) => {
      expect(judge({ ...right, title })).not.toBe('');
    },
  );

  it('if two texts of SQL are exchanged', () => {
    const one = falsify(right, 'DELETE FROM one;\n  -- all', '%');
    const two = falsify(one, 'DELETE FROM two;', 'DELETE FROM one;\n  -- all');
    expect(judge(falsify(two, '%', 'DELETE FROM two;'))).not.toBe('');
  });

  it('if a field is missing, repeated, or has another label', () => {
    const { fields } = right;
    for (const [index, field] of fields.entries()) {
      const others = fields.filter((_, at) => at !== index);
      expect(judge({ ...right, fields: others })).not.toBe('');
      expect(judge({ ...right, fields: [...fields, field] })).not.toBe('');
      expect(judge({ ...right, fields: [...others, { ...field, label: 'Remarks' }] })).not.toBe('');
    }
  });

  describe('with cut SQL', () => {
    const cut = cardOf(issueOf(cutStage), cutStage, FULL, 'en-US');
    const CUTS: [what: string, find: string | RegExp, replace: string][] = [
      ['if the cut is not marked', /\n▌Cut after.*$/m, ''],
      [
        'if the number of characters is wrong',
        'of 120,020 characters, in line',
        'of 120,019 characters, in line',
      ],
      ['if one character more is left out', "a = 'xx", "a = 'x"],
      ['if it does not begin with a note about the cut', /^▌⚠.*\n/, ''],
      ['if the number of missing characters is wrong', /^\d\d,/, '11,'],
    ];
    it.each(CUTS)('%s', (_, find, replace) => {
      expect(judge(falsify(cut, find, replace), cutStage)).not.toBe('');
    });
  });
});
