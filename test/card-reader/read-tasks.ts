import { MARK, type ReadName, type ReadPositions, type ReadTask, type Standing, Unreadable } from './card.ts';
import { requireVisible } from './characters.ts';
import {
  checkOf,
  expand,
  readName,
  readStanding,
  readTasks,
  requireConsistentCut,
  statusOf,
} from './read-parts.ts';
import type { Words } from './words.ts';

export interface ReadTaskList {
  count: number;
  covers: ReadPositions | undefined;
  tasks: Omit<ReadTask, 'sql'>[];
}

/** Number of tasks by the text of their status or check. */
type Counts = Map<string, number>;

/** Reads the list of tasks: the counts, which tasks an approval covers, the entries, and how many are not listed. */
export function readTaskList(pages: readonly string[], words: Words): ReadTaskList {
  const lines = linesOf(pages, words);
  const take = (): string => lines.shift() ?? '';
  const first = ours(take());
  if (first === words.noTasks) return { count: 0, covers: undefined, tasks: [] };
  const [counted = '', ...stands] = first.split(words.separator);
  const count = words.taskCount.match(counted)?.number('n');
  if (count === undefined) throw new Unreadable('the list does not begin with the number of tasks', first);
  const uniform = readStanding(stands.join(words.separator), words);
  const counts = uniform ? undefined : readCounts(stands, words);
  const covers = readCovers(lines, words);
  if (lines[0] === `${MARK}${words.rightToLeft}`) take();

  const tasks: ReadTaskList['tasks'] = [];
  while (lines.length > 0 && headingOf(lines[0] ?? '')) tasks.push(...readEntry(lines, uniform, words));
  const rest = lines.length > 0 ? readRest(ours(take()), words) : undefined;
  if (lines.length > 0) throw new Unreadable('unknown line in the list of tasks', lines[0] ?? '');
  if (tasks.some(({ position }, index) => position !== index + 1))
    throw new Unreadable('a task is missing in the list, or is there twice', first);
  if (tasks.length + (rest?.left ?? 0) !== count || (rest && rest.total !== count))
    throw new Unreadable('the list has another number of tasks than it says', first);
  if (counts) requireCounts(counts, tasks, rest?.counts, words);
  return { count, covers, tasks };
}

/** Returns the lines of all pages, without headings that a page repeats. */
function linesOf(pages: readonly string[], { continued }: Words): string[] {
  const lines: string[] = [];
  let heading: string | undefined;
  for (const [page, text] of pages.entries()) {
    for (const [index, line] of text.split('\n').entries()) {
      const found = headingOf(line);
      if (page > 0 && index === 0 && found?.title === continued && found.positions === heading) continue;
      if (found) heading = found.positions;
      lines.push(line);
    }
  }
  return lines;
}

function headingOf(line: string): { positions: string; title: string } | undefined {
  const found = /^▌(?<positions>\d[\d–,、 ]*)\. (?<title>.+)$/su.exec(line)?.groups;
  return found && { positions: found.positions ?? '', title: found.title ?? '' };
}

function ours(line: string): string {
  if (!line.startsWith(MARK)) throw new Unreadable('a line of the list has no mark', line);
  return line.slice(MARK.length);
}

function readCovers(lines: string[], words: Words): ReadPositions | undefined {
  const found = words.coversOnly.match((lines[0] ?? '').slice(MARK.length));
  if (!found || headingOf(lines[0] ?? '')) return undefined;
  lines.shift();
  return readTasks(found.text('tasks'), words);
}

/** Reads an entry. Tasks in one entry differ only in database and hash. */
function readEntry(lines: string[], uniform: Standing | undefined, words: Words): Omit<ReadTask, 'sql'>[] {
  const heading = headingOf(lines.shift() ?? '');
  if (!heading) throw new Unreadable('an entry has no heading', lines[0] ?? '');
  const positions = expand(heading.positions);
  const name = (shown: string): ReadName => {
    const read = readName(shown, words);
    requireConsistentCut(read);
    return read;
  };
  const title = name(heading.title);
  const labelled = (label: 'type' | 'instance' | 'database'): ReadName | undefined => {
    const found = words[label].match(lines[0] ?? '');
    if (found) lines.shift();
    return found && name(found.text('name'));
  };
  const type = labelled('type');
  const instance = labelled('instance');
  const shared = labelled('database');
  const databases = shared ? new Map<number, ReadName>() : readDatabases(lines, positions, name, words);
  const standing = uniform ?? readStanding(lines.shift() ?? '', words);
  if (!standing) throw new Unreadable('an entry has no status', heading.title);
  const hashes = readHashes(lines, positions, words);
  return positions.map((position) => ({
    position,
    title,
    type,
    instance,
    database: shared ?? databases.get(position),
    ...standing,
    hash: hashes.get(position) ?? '',
  }));
}

function readDatabases(
  lines: string[],
  positions: readonly number[],
  name: (shown: string) => ReadName,
  { databaseOfTask }: Words,
): Map<number, ReadName> {
  const databases = new Map<number, ReadName>();
  for (
    let found = databaseOfTask.match(lines[0] ?? '');
    found;
    found = databaseOfTask.match(lines[0] ?? '')
  ) {
    const position = found.number('position');
    if (databases.has(position) || !positions.includes(position))
      throw new Unreadable('a database belongs to no task of the entry', lines[0] ?? '');
    databases.set(position, name(found.text('name')));
    lines.shift();
  }
  return databases;
}

function readHashes(lines: string[], positions: readonly number[], words: Words): Map<number, string> {
  const hashes = new Map<number, string>();
  for (const position of positions) {
    const line = lines.shift() ?? '';
    const found = positions.length === 1 ? words.taskHash.match(line) : words.hashOfTask.match(line);
    if (!found || (positions.length > 1 && found.number('position') !== position))
      throw new Unreadable('a task has no hash', line);
    hashes.set(position, readHash(found.text('hash')));
  }
  return hashes;
}

/** Reads 64 hexadecimal digits, or 16 and an ellipsis. */
function readHash(text: string): string {
  const hash = /^([0-9a-f]{64}|[0-9a-f]{16}(?=…$))…?$/u.exec(text)?.[1];
  if (!hash || (hash.length === 64) === text.endsWith('…')) throw new Unreadable('not a hash', text);
  return hash;
}

interface Rest {
  left: number;
  total: number;
  counts: Counts;
}

function readRest(line: string, words: Words): Rest {
  if (!line.startsWith(words.warned)) throw new Unreadable('unknown line at the end of the list', line);
  const [said = '', ...stands] = line.slice(words.warned.length).split(words.separator);
  const found = words.unlisted.match(said);
  if (!found) throw new Unreadable('unknown line at the end of the list', line);
  const left = found.number('left');
  const uniform = readStanding(stands.join(words.separator), words);
  const counts = uniform
    ? new Map(stands.map((standing) => [standing, left] as const))
    : readCounts(stands, words);
  return { left, total: found.number('total'), counts };
}

function readCounts(stands: readonly string[], words: Words): Counts {
  const counts: Counts = new Map();
  for (const text of stands) {
    requireVisible(text);
    const found = words.standingCount.match(text);
    const standing = found?.text('standing') ?? '';
    if (!found || counts.has(standing) || !(statusOf(standing, words) ?? checkOf(standing, words)))
      throw new Unreadable('unknown count of tasks', text);
    counts.set(standing, found.number('n'));
  }
  return counts;
}

/** Checks that the counts at the beginning match the entries and the tasks that are not listed. */
function requireCounts(
  counts: Counts,
  tasks: ReadTaskList['tasks'],
  rest: Counts | undefined,
  { statuses, checks, warned }: Words,
): void {
  const left = new Map(counts);
  const take = (standing: string, n: number) => left.set(standing, (left.get(standing) ?? 0) - n);
  for (const { status, check } of tasks) {
    take(statuses[status], 1);
    const mark = check === 'WARN' || check === 'ERROR' ? warned : '';
    if (check) take(`${mark}${checks[check]}`, 1);
  }
  for (const [standing, n] of rest ?? []) take(standing, n);
  const wrong = [...left].find(([, n]) => n !== 0);
  if (wrong) throw new Unreadable('the counts do not match the list', wrong[0]);
}
