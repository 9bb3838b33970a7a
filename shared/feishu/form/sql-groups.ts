import { codePoints, type Task } from '../../issue/record.ts';
import { type Cut, cutAfter, escapeLines, linesOf } from './foreign-text.ts';
import { findOddities, type Oddities } from './sql-oddities.ts';
import { groupByKey } from './task-positions.ts';

/** Tasks with the same SQL. */
export interface SqlGroup {
  sheet: Task['sheet'];
  /** The statement, or the preview of the sheet. */
  sql: string;
  /** Code points of `sql`. */
  characters: number;
  lines: number;
  /** Positions of the tasks, from 1. */
  positions: number[];
  oddities: Oddities;
}

/** Returns the distinct SQL of tasks, in order. Sheets are equal only if all that the card shows of them is equal. */
export function groupSql(tasks: readonly Task[]): SqlGroup[] {
  const groups = groupByKey(tasks, ({ sheet, statement }) =>
    JSON.stringify(
      sheet
        ? ['sheet', sheet.uri, sheet.sha256, sheet.sizeBytes, sheet.preview]
        : ['statement', statement ?? ''],
    ),
  );
  return groups.map(({ item: { sheet, statement }, positions }) => {
    const sql = sheet ? sheet.preview : (statement ?? '');
    return {
      sheet,
      sql,
      characters: codePoints(sql),
      lines: linesOf(sql).length,
      positions,
      oddities: findOddities(sql),
    };
  });
}

/** The part of a group's SQL that the card shows. */
export interface SqlPart extends Cut {
  group: SqlGroup;
  /** The escaped `text`. */
  escaped: string;
}

/** Creates a function that cuts SQL to an allowance in code points. It escapes whole texts only once. */
export function createSqlCutter(groups: readonly SqlGroup[]): (allowance: number) => SqlPart[] {
  const whole = new Map<SqlGroup, SqlPart>();
  return (allowance) =>
    groups.map((group) => {
      const known = group.characters <= allowance ? whole.get(group) : undefined;
      if (known) return known;
      const cut = cutAfter(group.sql, allowance, group.characters);
      const part = { group, ...cut, escaped: escapeLines(cut.text) };
      if (cut.shown === cut.total) whole.set(group, part);
      return part;
    });
}
