import type { CheckStatus, Task } from '../../issue/record.ts';
import type { FormWords, Messages } from '../messages.ts';
import { MARK } from './foreign-text.ts';
import { showName, showTitle } from './names.ts';
import { formatPositions } from './positions.ts';

/**
 * Every task with its position, title, instance, database, status and check result; how they stand in all comes
 * first. Neighbours that differ in nothing but the database share an entry.
 * @returns sections, one line or more each
 */
export function listTasks(tasks: readonly Task[], messages: Messages): string[] {
  const { form } = messages;
  if (tasks.length === 0) return [`${MARK}${form.noTasks}`];
  const uniform = new Set(tasks.map((task) => standingOf(task, messages))).size === 1;
  return [
    `${MARK}${summarize(tasks, uniform, messages)}`,
    ...groupNeighbours(tasks).map((group) => describeGroup(group, uniform, messages)),
  ];
}

interface Group {
  first: Task;
  members: { position: number; task: Task }[];
}

function groupNeighbours(tasks: readonly Task[]): Group[] {
  const groups: Group[] = [];
  for (const [index, task] of tasks.entries()) {
    const member = { position: index + 1, task };
    const group = groups.at(-1);
    if (group && keyOf(group.first) === keyOf(task)) group.members.push(member);
    else groups.push({ first: task, members: [member] });
  }
  return groups;
}

const keyOf = ({ title, type, instance, status, check }: Task): string =>
  JSON.stringify([title, type ?? null, instance ?? null, status, check ?? null]);

function describeGroup({ first, members }: Group, uniform: boolean, messages: Messages): string {
  const { form } = messages;
  const positions = formatPositions(
    members.map((member) => member.position),
    form.comma,
  );
  const lines = [`${MARK}${positions}. ${showTitle(first.title, form)}`];
  if (typeof first.type === 'string') lines.push(form.type(showName(first.type, form)));
  if (typeof first.instance === 'string') lines.push(form.instance(showName(first.instance, form)));
  lines.push(...describeDatabases(members, form));
  if (!uniform) lines.push(standingOf(first, messages));
  return lines.join('\n');
}

function describeDatabases(members: Group['members'], form: FormWords): string[] {
  const named = members.flatMap(({ position, task }) =>
    typeof task.database === 'string' ? [{ position, database: task.database }] : [],
  );
  const [first] = named;
  if (!first) return [];
  if (named.length === members.length && named.every(({ database }) => database === first.database)) {
    return [form.database(showName(first.database, form))];
  }
  return named.map(({ position, database }) => form.databaseOfTask(position, showName(database, form)));
}

/** Status and check result of a task, in words. */
function standingOf({ status, check }: Task, messages: Messages): string {
  const { form, statuses } = messages;
  return check ? `${statuses[status]}${form.separator}${showCheck(check, messages)}` : statuses[status];
}

/** How many tasks there are and how they stand; counted by status and check result where that differs. */
function summarize(tasks: readonly Task[], uniform: boolean, messages: Messages): string {
  const { form, statuses } = messages;
  const [first] = tasks;
  if (uniform && first) {
    return `${form.taskCount(tasks.length)}${form.separator}${standingOf(first, messages)}`;
  }
  const checked = tasks.flatMap((task) => (task.check ? [task.check] : []));
  return [
    form.taskCount(tasks.length),
    ...count(tasks.map((task) => task.status)).map(([status, n]) => form.standingCount(statuses[status], n)),
    ...count(checked).map(([check, n]) => form.standingCount(showCheck(check, messages), n)),
  ].join(form.separator);
}

/** A result that asks for attention stands out. */
function showCheck(check: CheckStatus, { form, checks }: Messages): string {
  return check === 'WARN' || check === 'ERROR' ? form.warned(checks[check]) : checks[check];
}

function count<T>(items: readonly T[]): [T, number][] {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts];
}
