import type { ReadCard, ReadSql } from './card.ts';
import type { RecordSheet, RecordTask } from './record.ts';
import { isSameName } from './same-name.ts';

/** Windows line ends become plain ones on a card: neither is visible (contract, section 2). */
const asShown = (sql: string): string => sql.replaceAll('\r\n', '\n');

/** The statement, or the preview of the sheet. */
const sqlOf = ({ sheet, statement }: RecordTask): string => (sheet ? sheet.preview : (statement ?? ''));

/** Character by character; of a cut text what is shown, how much that is, and in which line it ends. */
export function isSameSql(read: ReadSql, task: RecordTask): boolean {
  // The card says that it shows none: compared with what it says to leave out.
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

/** The same address and hash: what an approval is for, whatever its preview. */
export const isSameFile = (read: ReadSql, { uri, sha256 }: RecordSheet): boolean =>
  read.kind === 'NOT_SHOWN' ||
  (read.kind === 'SHEET' && read.sha256 === sha256.toLowerCase() && isSameName(read.uri, uri));

export const isWhole = (read: ReadSql, task: RecordTask): boolean =>
  read.kind === 'NOT_SHOWN' ? sqlOf(task) === '' : read.cut === undefined;

/** Tasks that share a text have the very same SQL, and no two texts are the same. */
export function compareSections({ sections }: ReadCard, tasks: readonly RecordTask[]): string[] {
  const differs: string[] = [];
  const keys = new Set<string>();
  for (const { positions, counted } of sections) {
    const members = positions.map((position) => tasks[position - 1]);
    const [key = '', ...others] = members.map(keyOf);
    if (others.some((one) => one !== key)) differs.push(`tasks ${positions} do not have the same SQL`);
    if (keys.has(key)) differs.push(`tasks ${positions} have SQL that is shown before`);
    keys.add(key);
    const [first] = members;
    const whiteSpace = counted && 'whiteSpace' in counted ? counted.whiteSpace : undefined;
    if (first && whiteSpace !== undefined && Array.from(sqlOf(first)).length !== whiteSpace)
      differs.push(`tasks ${positions} have more or less white space`);
  }
  return differs;
}

const keyOf = (task: RecordTask | undefined): string => {
  const { sheet, statement } = task ?? {};
  return JSON.stringify(
    sheet ? [sheet.uri, sheet.sha256, sheet.sizeBytes, sheet.preview] : (statement ?? ''),
  );
};
