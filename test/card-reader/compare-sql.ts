import type { ReadCard, ReadSql } from './card.ts';
import type { RecordSheet, RecordTask } from './record.ts';
import { isSameName } from './same-name.ts';

/** Replaces Windows line ends, as a card does (docs/contract.md 2). */
const asShown = (sql: string): string => sql.replaceAll('\r\n', '\n');

/** Returns the statement, or the preview of the sheet. */
const sqlOf = ({ sheet, statement }: RecordTask): string => (sheet ? sheet.preview : (statement ?? ''));

/** Compares SQL character by character. For a cut text: the shown part, its length, and the line where it ends. */
export function isSameSql(read: ReadSql, task: RecordTask): boolean {
  // `compareLeftOut` checks what the card leaves out.
  if (read.kind === 'NOT_SHOWN') return true;
  if ((read.kind === 'SHEET') !== Boolean(task.sheet)) return false;
  if (read.kind === 'SHEET' && task.sheet) {
    if (read.sizeBytes !== task.sheet.sizeBytes || !isSameFile(read, task.sheet)) return false;
  }
  const whole = sqlOf(task);
  const text = read.kind === 'SHEET' ? read.preview : read.text;
  const { cut } = read;
  if (!cut) return text === asShown(whole);
  const characters = Array.from(whole);
  const shown = asShown(characters.slice(0, cut.shown).join(''));
  return (
    text === shown &&
    cut.total === characters.length &&
    cut.line === shown.split('\n').length &&
    cut.lines === asShown(whole).split('\n').length
  );
}

/** Compares URI and hash: an approval covers these, not the preview. */
export const isSameFile = (read: ReadSql, { uri, sha256 }: RecordSheet): boolean =>
  read.kind === 'NOT_SHOWN' ||
  (read.kind === 'SHEET' && read.sha256 === sha256.toLowerCase() && isSameName(read.uri, uri));

export const isWhole = (read: ReadSql, task: RecordTask): boolean =>
  read.kind === 'NOT_SHOWN' ? sqlOf(task) === '' : read.cut === undefined;

/** Checks that tasks in one section have the same SQL, and that no two sections have the same. */
export function compareSections({ sections }: ReadCard, tasks: readonly RecordTask[]): string[] {
  const differs: string[] = [];
  const keys = new Set<string>();
  for (const { positions, counted } of sections) {
    const members = positions.map((position) => tasks[position - 1]);
    const [key = '', ...others] = members.map(keyOf);
    if (others.some((one) => one !== key)) differs.push(`tasks ${positions} do not have the same SQL`);
    if (keys.has(key)) differs.push(`tasks ${positions} have SQL that another section shows too`);
    keys.add(key);
    const [first] = members;
    const whiteSpace = counted && 'whiteSpace' in counted ? counted.whiteSpace : undefined;
    if (first && whiteSpace !== undefined && Array.from(sqlOf(first)).length !== whiteSpace)
      differs.push(`tasks ${positions} have another amount of white space`);
  }
  return differs;
}

const keyOf = (task: RecordTask | undefined): string => {
  const { sheet, statement } = task ?? {};
  return JSON.stringify(
    sheet ? [sheet.uri, sheet.sha256, sheet.sizeBytes, sheet.preview] : (statement ?? ''),
  );
};
