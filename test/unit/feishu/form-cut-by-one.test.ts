import { describe, expect, it } from 'vitest';
import {
  findLeftOut,
  isNothingLeftOut,
  writeFirstLines,
  writeLeftOut,
} from '../../../shared/feishu/form/left-out.ts';
import { createSqlCutter, groupSql } from '../../../shared/feishu/form/sql-groups.ts';
import { writeSql } from '../../../shared/feishu/form/sql-sections.ts';
import { MESSAGES } from '../../../shared/feishu/message-tables.ts';
import { aTask } from '../../support/issue.ts';

const WORDS = MESSAGES['en-US'];
const URLS = { firstLine: undefined, notes: undefined };
const SQL = 'DELETE FROM orders';

/** The only statement of a stage, shown up to `allowance` characters. */
function showUpTo(allowance: number) {
  const groups = groupSql([aTask({ statement: SQL })]);
  const parts = createSqlCutter(groups)(allowance);
  const shown = parts.map((part) => part.shown);
  return {
    sql: parts.map(
      (part) => writeSql(part, { tasks: 1, url: undefined, isOneOfMany: false }, WORDS.form).text,
    ),
    leftOut: findLeftOut(groups, shown, { tasks: 1, listed: 1, shortened: [] }),
  };
}

describe('SQL that is one character too long for the card (docs/lessons.md 43)', () => {
  const { sql, leftOut } = showUpTo(SQL.length - 1);

  it('is cut, and a note below it says so', () => {
    expect(sql).toEqual([expect.stringMatching(/^▌Task 1 · 1 line\nDELETE FROM order\n▌.*\b17 of 18\b.*$/)]);
  });

  it('is named in the first line of the card and in the field of what is left out', () => {
    expect(isNothingLeftOut(leftOut)).toBe(false);
    expect(writeFirstLines(leftOut, URLS, WORDS)).toEqual([
      '▌⚠ 1 of 1 statement is not, or not wholly, on this card: open Frabit',
    ]);
    expect(writeLeftOut(leftOut, URLS, WORDS)).toMatch(/^1 of 18 characters of SQL are left out \(task 1\)/);
  });
});

it('shows SQL that just fits whole, without a note', () => {
  const { sql, leftOut } = showUpTo(SQL.length);
  expect(sql).toEqual([`▌Task 1 · 1 line\n${SQL}`]);
  expect(isNothingLeftOut(leftOut)).toBe(true);
  expect(writeFirstLines(leftOut, URLS, WORDS)).toEqual([]);
});
