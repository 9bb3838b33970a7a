import {
  type ChangeKind,
  MARK,
  type ReadChange,
  type ReadChanges,
  type ReadDiff,
  type ReadName,
  Unreadable,
} from './card.ts';
import { requireVisible } from './characters.ts';
import type { Gaps, Phrase } from './phrase.ts';
import { readName, readTasks, requireConsistentCut } from './read-parts.ts';
import { readRow, SIGNED } from './read-row.ts';
import type { Words } from './words.ts';

/** Reads the changes since the last request. Each line is a heading, a row below a heading, or a note. */
export function readChanges(text: string, words: Words): ReadChanges {
  const lines = text.split('\n');
  for (const line of lines) requireVisible(line.replaceAll(MARK, ''));
  if (lines[0] === `${MARK}${words.rightToLeft}`) lines.shift();
  const left = matchNote(lines.at(-1), words.moreChanges)?.number('n') ?? 0;
  if (left > 0) lines.pop();
  const named: ReadChange[] = [];
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    // The first heading has no mark if it is the only one.
    const said = line.startsWith(MARK) ? line.slice(MARK.length) : named.length === 0 ? line : undefined;
    const heading = said === undefined ? undefined : readHeading(said, words);
    if (!heading) throw new Unreadable('unknown line in the changes', line);
    named.push(readChange(heading, lines, words));
  }
  return { named, left };
}

interface Heading {
  kind: ChangeKind;
  gaps: Gaps;
}

function readHeading(said: string, words: Words): Heading | undefined {
  for (const kind of Object.keys(words.changes) as ChangeKind[]) {
    for (const one of words.changes[kind]) {
      const gaps = one.match(said);
      if (gaps) return { kind, gaps };
    }
  }
  return undefined;
}

/** Reads the lines that belong to a heading, and removes them. */
function readChange({ kind, gaps }: Heading, lines: string[], words: Words): ReadChange {
  const tasks = () => readTasks(gaps.text('tasks'), words);
  const former = () => readTasks(gaps.text('former'), words);
  switch (kind) {
    case 'UNCHANGED':
      return { kind };
    case 'ASSIGNEE':
    case 'ENVIRONMENT':
      return { kind, ...takeReplaced(lines, words) };
    case 'INSTANCE':
    case 'DATABASE':
    case 'TYPE':
      return { kind, tasks: tasks(), ...takeReplaced(lines, words) };
    case 'ADDED':
      return { kind, tasks: tasks(), ...takeTitles('+', lines, words) };
    case 'REMOVED':
      return { kind, tasks: former(), ...takeTitles('-', lines, words) };
    case 'MOVED':
      return { kind, is: only(tasks().positions), was: only(former().positions) };
    case 'SQL':
      return { kind, tasks: tasks(), diff: takeDiff(gaps, lines, words) };
    case 'ASKS_NOW':
    case 'ASKS_NO_LONGER':
      return { kind, tasks: tasks() };
    default:
      return kind satisfies never;
  }
}

/** Reads one row with the value before and one with the value now. */
function takeReplaced(lines: string[], words: Words) {
  const value = (sign: '-' | '+'): ReadName | undefined => {
    const read = takeName(sign, lines, words);
    if (!read) throw new Unreadable('a change does not show both values', lines[0] ?? '');
    return read.raw === words.none ? undefined : read;
  };
  return { before: value('-'), now: value('+') };
}

function takeTitles(sign: '-' | '+', lines: string[], words: Words) {
  const titles: ReadName[] = [];
  for (let read = takeName(sign, lines, words); read; read = takeName(sign, lines, words)) titles.push(read);
  return { titles, more: takeCount(lines, words.changeNotes.moreTitles) ?? 0 };
}

function takeName(sign: '-' | '+', lines: string[], words: Words): ReadName | undefined {
  if (!lines[0]?.startsWith(`${sign} `)) return undefined;
  const read = readName((lines.shift() ?? '').slice(2), words);
  requireConsistentCut(read);
  return read;
}

function takeDiff(gaps: Gaps, lines: string[], words: Words): ReadDiff {
  if (gaps.optional('before') !== undefined)
    return { kind: 'TOO_DIFFERENT', before: gaps.number('before'), now: gaps.number('now') };
  if (gaps.optional('added') === undefined) return { kind: 'LINE_ENDS' };
  const rows: (ReadDiff & { kind: 'ROWS' })['rows'] = [];
  for (;;) {
    const line = takeCount(lines, words.changeNotes.line);
    if (line !== undefined) rows.push({ line });
    else if (SIGNED.test(lines[0] ?? '')) rows.push(readRow(lines.shift() ?? '', words));
    else break;
  }
  const more = takeCount(lines, words.changeNotes.moreLines) ?? 0;
  return { kind: 'ROWS', added: gaps.number('added'), removed: gaps.number('removed'), rows, more };
}

/** Returns the number in the next line, if it is this note. */
function takeCount(lines: string[], note: Phrase): number | undefined {
  const count = matchNote(lines[0], note)?.number('n');
  if (count !== undefined) lines.shift();
  return count;
}

const matchNote = (line: string | undefined, note: Phrase): Gaps | undefined =>
  line?.startsWith(MARK) ? note.match(line.slice(MARK.length)) : undefined;

function only([position, ...others]: readonly number[]): number {
  if (position === undefined || others.length > 0)
    throw new Unreadable('more than one task is in one move', others.join(' '));
  return position;
}
