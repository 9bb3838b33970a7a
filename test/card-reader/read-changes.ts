import { type ChangeKind, MARK, type ReadChange, Unreadable } from './card.ts';
import { requireVisible } from './characters.ts';
import { firstMatch, readTasks } from './read-parts.ts';
import type { Words } from './words.ts';

/** What the card says has changed since the last request; every line is a heading, a row below one, or a note. */
export function readChanges(text: string, words: Words): ReadChange[] {
  const changes: ReadChange[] = [];
  for (const line of text.split('\n')) {
    requireVisible(line.replaceAll(MARK, ''));
    const last = changes.at(-1);
    // Where nothing else is said, this is said without a mark.
    const said = line.startsWith(MARK) ? line.slice(MARK.length) : changes.length === 0 ? line : undefined;
    const heading = said === undefined ? undefined : readHeading(said, words);
    if (heading) changes.push(heading);
    else if (said !== undefined && isNote(said, last, words)) continue;
    else if (last && /^[-+ ] /u.test(line)) last.rows.push(readRow(line, words));
    else throw new Unreadable('a change is not described', line);
  }
  return changes;
}

function readHeading(said: string, words: Words): ReadChange | undefined {
  for (const kind of Object.keys(words.changes) as ChangeKind[]) {
    const found = firstMatch(words.changes[kind], said);
    const tasks = found?.optional('tasks');
    if (found) return { kind, tasks: tasks === undefined ? undefined : readTasks(tasks, words), rows: [] };
  }
  return undefined;
}

const isNote = (said: string, last: ReadChange | undefined, words: Words): boolean =>
  said === words.rightToLeft ||
  words.moreChanges.match(said) !== undefined ||
  (last !== undefined && firstMatch(words.changeNotes, said) !== undefined);

/** What a row leaves out stands between two marks. */
function readRow(line: string, words: Words): string {
  const row = line.replace(/▌…(?<note>[^▌]*)…▌/gu, (found, note: string) =>
    firstMatch(words.rowNotes, note) ? '' : found,
  );
  if (row.includes(MARK)) throw new Unreadable('a row of a change holds our mark', line);
  return line;
}
