import type { CardWords } from '../messages.ts';
import { bytesOfTexts } from './body.ts';
import { MARK } from './foreign-text.ts';
import type { FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';
import type { SqlGroup } from './sql-groups.ts';
import { nameTasks } from './task-positions.ts';

/** The URL in notes; undefined if they have none. */
export interface NoteUrls {
  firstLine: string | undefined;
  notes: string | undefined;
}

/** What a card does not show. Positions count from 1. */
export interface LeftOut {
  /** The number of tasks, and of tasks with SQL: a statement that is not empty, or a sheet. */
  tasks: number;
  withSql: number;
  /** Tasks whose statement is not whole on the card. */
  cut: readonly number[];
  /** Tasks with a sheet, of which the card shows at most a preview. */
  sheets: readonly number[];
  /** Tasks that are not in the list. */
  unlisted: readonly number[];
  /** Tasks in the list whose type, instance or database is cut. */
  shortened: readonly number[];
  /** Code points of all distinct statements, and how many are left out. */
  characters: number;
  missing: number;
}

/**
 * Returns what a card leaves out.
 * @param shown code points of each group that the card shows
 */
export function findLeftOut(
  groups: readonly SqlGroup[],
  shown: readonly number[],
  { tasks, listed, shortened }: { tasks: number; listed: number; shortened: readonly number[] },
): LeftOut {
  const statements = groups
    .map((group, index) => ({ ...group, missing: group.characters - (shown[index] ?? 0) }))
    .filter(({ sheet }) => !sheet);
  const sheets = positionsOf(groups.filter(({ sheet }) => sheet));
  return {
    tasks,
    withSql: sheets.length + positionsOf(statements.filter(({ characters }) => characters > 0)).length,
    cut: positionsOf(statements.filter(({ missing }) => missing > 0)),
    sheets,
    shortened,
    unlisted: Array.from({ length: tasks - listed }, (_, index) => listed + index + 1),
    characters: statements.reduce((sum, { characters }) => sum + characters, 0),
    missing: statements.reduce((sum, { missing }) => sum + missing, 0),
  };
}

const positionsOf = (groups: readonly SqlGroup[]): number[] =>
  groups.flatMap(({ positions }) => positions).sort((a, b) => a - b);

export const isNothingLeftOut = ({ cut, sheets, unlisted, shortened }: LeftOut): boolean =>
  cut.length + sheets.length + unlisted.length + shortened.length === 0;

/** Writes the first lines of the card; none if it shows everything. */
export function writeFirstLines(leftOut: LeftOut, { firstLine }: NoteUrls, { form }: CardWords): string[] {
  const { cut, sheets, unlisted, shortened, withSql, tasks } = leftOut;
  const incomplete = cut.length + sheets.length;
  return [
    ...(incomplete > 0 ? [form.incomplete(incomplete, withSql, firstLine)] : []),
    ...(unlisted.length > 0 ? [form.unlisted(unlisted.length, tasks, firstLine)] : []),
    ...(shortened.length > 0 ? [form.shortenedTargets(shortened.length, tasks, firstLine)] : []),
  ].map((line) => `${MARK}${form.warned(line)}`);
}

/** Writes the field that lists these tasks and how much is missing. Undefined if the card shows everything. */
export function writeLeftOut(leftOut: LeftOut, { notes }: NoteUrls, { form }: CardWords): string | undefined {
  const { cut, sheets, unlisted, shortened, missing, characters, tasks } = leftOut;
  const name = (positions: readonly number[]) => nameTasks(positions, tasks, form);
  const lines = [
    ...(cut.length > 0 ? [form.leftOutSql(missing, characters, name(cut))] : []),
    ...(sheets.length > 0 ? [form.leftOutSheets(name(sheets))] : []),
    ...(unlisted.length > 0 ? [form.leftOutTasks(name(unlisted))] : []),
    ...(shortened.length > 0 ? [form.leftOutTargets(name(shortened))] : []),
  ];
  return lines.length > 0 ? [...lines, form.readTheWhole(notes)].join('\n') : undefined;
}

/** Positions that take the most room: ranges of numbers with four digits. */
const SCATTERED = Array.from({ length: 1_000 }, (_, index) => 1_000 + index).filter(
  (position) => position % 3 !== 0,
);
const MOST: LeftOut = {
  tasks: 9_999,
  withSql: 9_999,
  cut: SCATTERED,
  sheets: SCATTERED,
  unlisted: SCATTERED,
  shortened: SCATTERED,
  characters: 999_999,
  missing: 999_999,
};

/** Returns the most bytes that both notes can take. */
export function bytesOfNotes(urls: NoteUrls, wording: FormWording): number {
  const texts = LANGUAGES[wording].flatMap(({ words }) => [
    ...writeFirstLines(MOST, urls, words).map((line) => `${line}\n`),
    writeLeftOut(MOST, urls, words) ?? '',
  ]);
  return bytesOfTexts(texts, wording);
}
