import type { CheckStatus, Task } from '../../issue/record.ts';
import type { CardWords } from '../messages.ts';
import { isRightToLeft, MARK } from './foreign-text.ts';
import type { Section } from './pages.ts';
import { showName, showTitle } from './show-name.ts';
import { formatPositions, nameTasks } from './task-positions.ts';

/** A task with its task hash (docs/contract.md 1). */
export interface HashedTask {
  task: Task;
  hash: string;
}

/** How much is shown of the tasks. */
export interface Facts {
  /** Code points of a title or name. */
  names: number;
  /** Digits of the task hash. */
  digits: number;
  /** How many tasks are listed, from the first. The others are counted. */
  listed: number;
}

/**
 * Returns the tasks with position, title, type, instance, database, status, check result and hash. First come the
 * status counts of all tasks, then which tasks an approval covers if not all of them ask, and at the end the status
 * counts of unlisted tasks. Neighbouring tasks that differ only in the database share an entry.
 */
export function listTasks(tasks: readonly HashedTask[], facts: Facts, words: CardWords): Section[] {
  const { form } = words;
  const ofOurs = (text: string): Section => ({ text: `${MARK}${text}`, continued: '' });
  if (tasks.length === 0) return [ofOurs(form.noTasks)];
  const uniform = new Set(tasks.map(({ task }) => standingOf(task, words))).size === 1;
  const rest = tasks.slice(facts.listed);
  const unlisted = form.warned(form.unlisted(rest.length, tasks.length, undefined));
  const asking = tasks.flatMap(({ task }, index) => (task.status === 'PENDING_APPROVAL' ? [index + 1] : []));
  const isPartly = asking.length > 0 && asking.length < tasks.length;
  return [
    ofOurs([form.taskCount(tasks.length), ...countStandings(tasks, uniform, words)].join(form.separator)),
    ...(isPartly ? [ofOurs(form.coversOnly(nameTasks(asking, tasks.length, form)))] : []),
    ...(tasks.slice(0, facts.listed).some(isNamedRightToLeft) ? [ofOurs(form.rightToLeft)] : []),
    ...groupNeighbours(tasks.slice(0, facts.listed)).map((group) =>
      describeGroup(group, uniform, facts, words),
    ),
    ...(rest.length > 0
      ? [ofOurs([unlisted, ...countStandings(rest, uniform, words)].join(form.separator))]
      : []),
  ];
}

const isNamedRightToLeft = ({ task: { title, type, instance, database } }: HashedTask): boolean =>
  [title, type, instance, database].some((name) => isRightToLeft(name ?? ''));

interface Member extends HashedTask {
  position: number;
}

interface Group {
  first: Task;
  members: Member[];
}

function groupNeighbours(tasks: readonly HashedTask[]): Group[] {
  const groups: Group[] = [];
  for (const [index, { task, hash }] of tasks.entries()) {
    const member = { position: index + 1, task, hash };
    const group = groups.at(-1);
    if (group && keyOf(group.first) === keyOf(task)) group.members.push(member);
    else groups.push({ first: task, members: [member] });
  }
  return groups;
}

const keyOf = ({ title, type, instance, status, check }: Task): string =>
  JSON.stringify([title, type ?? null, instance ?? null, status, check ?? null]);

function describeGroup({ first, members }: Group, uniform: boolean, facts: Facts, words: CardWords): Section {
  const { form } = words;
  const name = (text: string) => showName(text, form, { limit: facts.names });
  const positions = formatPositions(
    members.map((member) => member.position),
    form.comma,
  );
  const lines = [`${MARK}${positions}. ${showTitle(first.title, form, facts.names)}`];
  if (typeof first.type === 'string') lines.push(form.type(name(first.type)));
  if (typeof first.instance === 'string') lines.push(form.instance(name(first.instance)));
  lines.push(...describeDatabases(members, name, words));
  if (!uniform) lines.push(standingOf(first, words));
  lines.push(...describeHashes(members, facts.digits, words));
  return { text: lines.join('\n'), continued: `${MARK}${positions}. ${form.continued}` };
}

function describeDatabases(
  members: readonly Member[],
  name: (text: string) => string,
  { form }: CardWords,
): string[] {
  const named = members.flatMap(({ position, task }) =>
    typeof task.database === 'string' ? [{ position, database: task.database }] : [],
  );
  const [first] = named;
  if (!first) return [];
  if (named.length === members.length && named.every(({ database }) => database === first.database)) {
    return [form.database(name(first.database))];
  }
  return named.map(({ position, database }) => form.databaseOfTask(position, name(database)));
}

/** Writes one line for each task, because the hashes of tasks always differ. */
function describeHashes(members: readonly Member[], digits: number, { form }: CardWords): string[] {
  const show = (hash: string) => (hash.length > digits ? `${hash.slice(0, digits)}…` : hash);
  const [first, ...others] = members;
  if (first && others.length === 0) return [form.taskHash(show(first.hash))];
  return members.map(({ position, hash }) => form.hashOfTask(position, show(hash)));
}

/** Returns status and check result of a task in words. */
function standingOf({ status, check }: Task, words: CardWords): string {
  const { form, statuses } = words;
  return check ? `${statuses[status]}${form.separator}${showCheck(check, words)}` : statuses[status];
}

/** Counts tasks by status and by check result. If all tasks of the stage have the same, it names them once. */
function countStandings(tasks: readonly HashedTask[], uniform: boolean, words: CardWords): string[] {
  const { form, statuses } = words;
  const [first] = tasks;
  if (uniform && first) return [standingOf(first.task, words)];
  const checked = tasks.flatMap(({ task }) => (task.check ? [task.check] : []));
  return [
    ...count(tasks.map(({ task }) => task.status)).map(([status, n]) =>
      form.standingCount(statuses[status], n),
    ),
    ...count(checked).map(([check, n]) => form.standingCount(showCheck(check, words), n)),
  ];
}

/** Returns a check result. WARN and ERROR are marked as warnings. */
function showCheck(check: CheckStatus, { form, checks }: CardWords): string {
  return check === 'WARN' || check === 'ERROR' ? form.warned(checks[check]) : checks[check];
}

function count<T>(items: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts];
}
