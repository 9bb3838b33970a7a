import { describe, expect, it } from 'vitest';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import type { IssueRecord, Stage } from '../../../shared/issue/record.ts';
import type { SeenCard } from '../../card-reader/card.ts';
import { compareChanges } from '../../card-reader/compare-changes.ts';
import { readCard } from '../../card-reader/read-card.ts';
import { aStage, aTask } from '../../support/issue.ts';
import { cardOf, issueOf } from './built-cards.ts';

const lines = (...some: string[]): string => some.join('\n');
const long = (word: string): string => `SELECT ${'a, '.repeat(100)}${word}${', b'.repeat(100)} FROM t`;
const sheet = { uri: 's3://sheets/1', sha256: 'a'.repeat(64), sizeBytes: 7, preview: 'SELECT 7' };
const one = lines('one', 'two', 'three', 'four', 'five', 'six', 'seven');

const before = aStage({
  environment: 'test',
  tasks: [
    aTask({ taskId: '1', statement: one }),
    aTask({ taskId: '2', statement: long('old'), status: 'CANCELED' }),
    aTask({ taskId: '3', title: 'Gone' }),
    aTask({ taskId: '4', statement: null, sheet }),
    aTask({ taskId: '5', statement: 'SELECT 5', instance: null }),
    aTask({ taskId: '6', statement: 'SELECT 6\nFROM t' }),
  ],
});
const now = aStage({
  environment: 'prod',
  tasks: [
    aTask({ taskId: '1', statement: one.replace('two', 'TWO').replace('six', 'SIX\u200B\nsix and a half') }),
    aTask({ taskId: '2', statement: long('new') }),
    aTask({ taskId: '4', statement: null, sheet: { ...sheet, sha256: 'b'.repeat(64) } }),
    aTask({ taskId: '6', statement: 'SELECT 6\r\nFROM t', status: 'CANCELED' }),
    aTask({ taskId: '5', statement: 'SELECT 5\r\n', instance: 'mysql-2' }),
    aTask({ taskId: '7', title: 'Come' }),
  ],
});
const earlier = issueOf(before, { assignee: { email: 'before@example.com' } });
const issue = issueOf(now, { assignee: { email: 'now@example.com' } });

interface Moment {
  issue: IssueRecord;
  stage: Stage;
}
const asked = { issue: earlier, stage: before };
const asking = { issue, stage: now };
const cardAfter = (previous: Moment | 'NONE', { issue: of, stage }: Moment): SeenCard =>
  cardOf(of, stage, { level: 'FULL', wording: 'KEYS' }, 'en-US', {
    ...(previous !== 'NONE' && { previous: shownOf(previous.issue, previous.stage) }),
  });

/** Returns the differences that a reader sees, or why the card cannot be read. */
function judge(card: SeenCard, previous: Moment | 'NONE' = asked, of = asking): string {
  try {
    return compareChanges(readCard(card, 'en-US'), previous === 'NONE' ? undefined : previous, of).join('; ');
  } catch (error) {
    return String(error);
  }
}

const right = cardAfter(asked, asking);
const LABEL = 'Since the last request';
const changesOn = ({ fields }: SeenCard): string => fields.find(({ label }) => label === LABEL)?.value ?? '';

function falsify(card: SeenCard, find: string | RegExp, replace: string): SeenCard {
  const text = changesOn(card);
  const value = text.replace(find, () => replace);
  if (value === text) throw new Error(`the changes do not have ${find}`);
  return {
    ...card,
    fields: card.fields.map((field) => (field.label === LABEL ? { ...field, value } : field)),
  };
}

it('the card reader accepts correct changes', () => {
  expect(judge(right)).toBe('');
  expect(judge(cardAfter('NONE', asking), 'NONE')).toBe('');
  expect(judge(cardAfter(asked, asked), asked, asked)).toBe('');
});

describe('the card reader finds wrong changes (docs/lessons.md 43)', () => {
  const CASES: [what: string, find: string | RegExp, replace: string][] = [
    ['if old SQL is shown as new', '- two\n+ TWO', '- TWO\n+ two'],
    ['if a new line is shown as old', '+ TWO', '- TWO'],
    ['if a new line is shown as unchanged', '+ TWO', '  TWO'],
    ['if a removed line is left out', '- two\n', ''],
    ['if an added line is left out', '+ six and a half\n', ''],
    ['if an invisible character is lost', 'SIX\\u{200B}', 'SIX'],
    ['if a context line is different', '  three', '  four'],
    ['if the number of changed lines is wrong', '3 lines added', '2 lines added'],
    ['if changed lines are called not listed', '+ six and a half\n', '▌1 more changed line not listed\n'],
    ['if a gap names another line', '▌Line 5', '▌Line 4'],
    ['if a gap is not named', '▌Line 5\n', ''],
    ['if more is left out of a line than stated', /▌…\d+ characters unchanged/, '▌…9 characters unchanged'],
    [
      'if SQL is called too different to list',
      /(?<=SQL of task 1: ).*\n(?:[-+ ▌](?!SQL).*\n)*/,
      'too different to list (7 lines before, 9 now)\n',
    ],
    [
      'if only line ends are called changed',
      /(?<=SQL of task 1: ).*\n(?:[-+ ▌](?!SQL).*\n)*/,
      'only the (invisible) line ends have changed\n',
    ],
    ['if SQL belongs to another task', 'SQL of task 1', 'SQL of task 2'],
    ['if changed SQL is not named', /▌SQL of task 2.*\n.*\n.*\n/, ''],
    [
      'if changed line ends are called too different to list',
      'only the (invisible) line ends have changed',
      'too different to list (2 lines before, 2 now)',
    ],
    ['if a file had another hash', 'of the file: aaaa', 'of the file: cccc'],
    ['if the approver is different', 'before@example.com', 'other@example.com'],
    ['if the approvers are exchanged', '- before@example.com\n+ now@', '- now@example.com\n+ before@'],
    ['if a change of the approver is not named', /▌Approver\n.*\n.*\n/, ''],
    ['if the environment was different', '- test', '- staging'],
    ['if an instance was named before', '- (none named)', '- mysql-1'],
    ['if an instance belongs to another task', 'Instance of task 5', 'Instance of task 4'],
    ['if an unchanged database is called changed', '▌Added', '▌Database of task 1\n- a\n+ b\n▌Added'],
    ['if an added task is not named', /▌Added.*\n.*\n/, ''],
    ['if an added task has another title', '+ Come', '+ Gone'],
    ['if a removed task is not named', /▌Removed.*\n.*\n/, ''],
    ['if a removed task had another position', 'former task 3', 'former task 2'],
    ['if a moved task is not named', /▌Order changed.*\n/, ''],
    ['if a moved task had another position', /, was task \d/, ', was task 1'],
    ['if a task that asks only now is not named', /▌Pending approval now.*\n/, ''],
    ['if another task is called asking', 'not before: task 2', 'not before: task 1'],
    ['if a task that no longer asks is not named', /▌No longer pending.*\n/, ''],
    ['if everything is called unchanged', /^.*$/s, 'SQL, targets and approver are the same as before'],
    [
      'if changes are called left out, but are not',
      /$/,
      '\n▌1 more change not listed; see the tasks and the SQL below',
    ],
  ];
  it.each(CASES)('%s', (_, find, replace) => {
    expect(judge(falsify(right, find, replace))).not.toBe('');
  });

  it('if they are missing, or if there was no earlier request', () => {
    expect(judge({ ...right, fields: right.fields.filter(({ label }) => label !== LABEL) })).not.toBe('');
    expect(judge(right, 'NONE')).not.toBe('');
  });

  it('if the earlier request was different', () => {
    const stage = { ...before, tasks: before.tasks.slice(1) };
    expect(judge(right, { issue: earlier, stage })).not.toBe('');
  });

  it('if some are left out without a note', () => {
    const many = (word: string) =>
      aStage({
        tasks: Array.from({ length: 300 }, (_, index) =>
          aTask({ taskId: `${index}`, instance: `${word}-${index}`.repeat(10) }),
        ),
      });
    const [first, second] = (['a', 'b'] as const).map((word) => ({
      issue: issueOf(many(word)),
      stage: many(word),
    }));
    if (!first || !second) throw new Error('there are two');
    const card = cardOf(second.issue, second.stage, { level: 'MINIMAL', wording: 'KEYS' }, 'en-US', {
      previous: shownOf(first.issue, first.stage),
    });
    expect(judge(card, first, second)).toBe('');
    expect(judge(falsify(card, /\n▌\d+ more changes not listed.*$/, ''), first, second)).not.toBe('');
  });
});
