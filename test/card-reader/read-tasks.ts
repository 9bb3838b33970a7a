import { MARK, type ReadName, type ReadPositions, type ReadTask, type Standing, Unreadable } from './card.ts';
import { requireVisible } from './characters.ts';
import {
  checkOf,
  expand,
  readName,
  readStanding,
  readTasks,
  requireHonestName,
  statusOf,
} from './read-parts.ts';
import type { Words } from './words.ts';

export interface ReadTaskList {
  count: number;
  covers: ReadPositions | undefined;
  tasks: Omit<ReadTask, 'sql'>[];
}

/** How many tasks stand so, by the words for it. */
type Counts = Map<string, number>;

/** The list of tasks: how they stand in all, which an approval covers, then entry by entry, then how many are not listed. */
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
  if (lines.length > 0) throw new Unreadable('the list of tasks goes on with something else', lines[0] ?? '');
  if (tasks.some(({ position }, index) => position !== index + 1))
    throw new Unreadable('the list of tasks leaves one out, or has one twice', first);
  if (tasks.length + (rest?.left ?? 0) !== count || (rest && rest.total !== count))
    throw new Unreadable('there are more or fewer tasks than the list says', first);
  if (counts) requireCounts(counts, tasks, rest?.counts, words);
  return { count, covers, tasks };
}

/** The lines of all pages; the heading that a page repeats is left out. */
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
  if (!line.startsWith(MARK)) throw new Unreadable('a line of the list is not ours', line);
  return line.slice(MARK.length);
}

function readCovers(lines: string[], words: Words): ReadPositions | undefined {
  const found = words.coversOnly.match((lines[0] ?? '').slice(MARK.length));
  if (!found || headingOf(lines[0] ?? '')) return undefined;
  lines.shift();
  return readTasks(found.text('tasks'), words);
}

/** Neighbours that share an entry differ in nothing but the database and the hash. */
function readEntry(lines: string[], uniform: Standing | undefined, words: Words): Omit<ReadTask, 'sql'>[] {
  const heading = headingOf(lines.shift() ?? '');
  if (!heading) throw new Unreadable('an entry has no heading', lines[0] ?? '');
  const positions = expand(heading.positions);
  const name = (shown: string): ReadName => {
    const read = readName(shown, words);
    requireHonestName(read);
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
  if (!standing) throw new Unreadable('an entry does not say how its tasks stand', heading.title);
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
      throw new Unreadable('a database belongs to no task of its entry', lines[0] ?? '');
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

/** 64 digits, or 16 and a sign that there are more. */
function readHash(text: string): string {
  const hash = /^([0-9a-f]{64}|[0-9a-f]{16}(?=…$))…?$/u.exec(text)?.[1];
  if (!hash || (hash.length === 64) === text.endsWith('…')) throw new Unreadable('this is no hash', text);
  return hash;
}

interface Rest {
  left: number;
  total: number;
  counts: Counts;
}

function readRest(line: string, words: Words): Rest {
  if (!line.startsWith(words.warned)) throw new Unreadable('the list ends with something else', line);
  const [said = '', ...stands] = line.slice(words.warned.length).split(words.separator);
  const found = words.unlisted.match(said);
  if (!found) throw new Unreadable('the list ends with something else', line);
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
      throw new Unreadable('tasks are counted in no way that is known', text);
    counts.set(standing, found.number('n'));
  }
  return counts;
}

/** The counts at the beginning are those of the entries and of the tasks that are not listed. */
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
  if (wrong) throw new Unreadable('the counts are not those of the list', wrong[0]);
}
