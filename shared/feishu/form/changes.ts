import type { Messages } from '../messages.ts';
import type { Shown, ShownTask } from '../shown.ts';
import { escapeLine, MARK } from './foreign-text.ts';
import { showName, showTitle } from './names.ts';
import { groupByKey, nameTasks } from './positions.ts';
import { diffSql } from './sql-diff.ts';

/** How long the whole list of changes is at most, in UTF-16 units; what is beyond is counted. */
const CHANGES_LIMIT = 6_000;
const MAX_TITLES = 10;

/** A task that both requests show, with its position in each, from 1. */
interface Kept {
  before: ShownTask;
  now: ShownTask;
  was: number;
  is: number;
}

/**
 * What the approver must look at again: whatever the content hash covers and the last request of the same stage
 * showed differently.
 */
export function listChanges(before: Shown, now: Shown, messages: Messages): string {
  const changes = [
    ...changesOfStage(before, now, messages),
    ...changesOfTargets(before, now, messages),
    ...changesOfTaskSet(before, now, messages),
    ...changesOfSql(before, now, messages),
  ];
  if (changes.length === 0) return messages.changes.unchanged;
  const lines: string[] = [];
  let length = 0;
  for (const [index, describe] of changes.entries()) {
    const change = describe();
    if (index > 0 && length + change.length > CHANGES_LIMIT) {
      lines.push(`${MARK}${messages.changes.moreChanges(changes.length - index)}`);
      break;
    }
    lines.push(change);
    length += change.length;
  }
  return lines.join('\n');
}

/** Described only when there is room for it. */
type Change = () => string;

function changesOfStage(before: Shown, now: Shown, { changes, form }: Messages): Change[] {
  const replaced = (what: string, old: string | null, fresh: string | null): Change[] =>
    old === fresh ? [] : [() => describeReplaced(what, old, fresh, { changes, form })];
  const sameAssignee = before.assignee?.toLowerCase() === now.assignee?.toLowerCase();
  return [
    ...(sameAssignee ? [] : replaced(changes.assignee, before.assignee, now.assignee)),
    ...replaced(changes.environment, before.environment, now.environment),
  ];
}

function describeReplaced(
  what: string,
  before: string | null,
  now: string | null,
  { changes, form }: Pick<Messages, 'changes' | 'form'>,
): string {
  const show = (name: string | null) => (name === null ? changes.none : showName(name, form));
  return `${MARK}${what}\n- ${show(before)}\n+ ${show(now)}`;
}

function changesOfTargets(before: Shown, now: Shown, messages: Messages): Change[] {
  const kept = keptTasks(before, now);
  return (['instance', 'database', 'type'] as const).flatMap((field) => {
    const replaced = kept.filter((task) => task.before[field] !== task.now[field]);
    return groupKept(replaced, (task) => [task.before[field], task.now[field]]).map(
      ({ item, positions }) =>
        () => {
          const what = messages.changes[field](nameTasks(positions, now.tasks.length, messages.form));
          return describeReplaced(what, item.before[field], item.now[field], messages);
        },
    );
  });
}

function changesOfTaskSet(before: Shown, now: Shown, { changes, form }: Messages): Change[] {
  const titled = (sign: '+' | '-', tasks: readonly ShownTask[]): string[] => [
    ...tasks.slice(0, MAX_TITLES).map((task) => `${sign} ${showTitle(task.title, form)}`),
    ...(tasks.length > MAX_TITLES ? [`${MARK}${changes.moreTitles(tasks.length - MAX_TITLES)}`] : []),
  ];
  const added = missingFrom(before, now);
  const removed = missingFrom(now, before);
  const name = (position: number) => nameTasks([position], 0, form);
  return [
    ...(added.tasks.length === 0
      ? []
      : [
          () =>
            [
              `${MARK}${changes.added(nameTasks(added.positions, now.tasks.length, form))}`,
              ...titled('+', added.tasks),
            ].join('\n'),
        ]),
    ...(removed.tasks.length === 0
      ? []
      : [
          () =>
            [
              `${MARK}${changes.removed(nameTasks(removed.positions, 0, form))}`,
              ...titled('-', removed.tasks),
            ].join('\n'),
        ]),
    ...movedTasks(keptTasks(before, now)).map(
      ({ is, was }) =>
        () =>
          `${MARK}${changes.moved(name(is), name(was))}`,
    ),
  ];
}

function changesOfSql(before: Shown, now: Shown, messages: Messages): Change[] {
  const text = (task: ShownTask) => textOf(task, messages);
  const replaced = keptTasks(before, now).filter((task) => text(task.before) !== text(task.now));
  return groupKept(replaced, (task) => [text(task.before), text(task.now)]).map(
    ({ item, positions }) =>
      () => {
        const tasks = nameTasks(positions, now.tasks.length, messages.form);
        return diffSql(text(item.before), text(item.now), tasks, messages);
      },
  );
}

/** The SQL, or what stands for it: of a sheet its address and hash say whether it is another. */
function textOf({ sheet, statement }: ShownTask, { form }: Messages): string {
  if (!sheet) return statement ?? '';
  return [
    form.sheetUri(escapeLine(sheet.uri)),
    form.sheetSize(sheet.sizeBytes),
    form.sheetHash(sheet.sha256.toLowerCase()),
  ].join('\n');
}

function keptTasks(before: Shown, now: Shown): Kept[] {
  const old = new Map(before.tasks.map((task, index) => [task.taskId, { task, was: index + 1 }]));
  return now.tasks.flatMap((task, index) => {
    const found = old.get(task.taskId);
    return found ? [{ before: found.task, now: task, was: found.was, is: index + 1 }] : [];
  });
}

const groupKept = (kept: readonly Kept[], keyOf: (task: Kept) => unknown) =>
  groupByKey(kept, (task) => JSON.stringify(keyOf(task))).map(({ item, positions }) => ({
    item,
    positions: positions.flatMap((position) => kept[position - 1]?.is ?? []),
  }));

/** The tasks of `all` that `other` lacks, with their positions in `all`. */
function missingFrom(other: Shown, all: Shown): { tasks: ShownTask[]; positions: number[] } {
  const known = new Set(other.tasks.map((task) => task.taskId));
  const missing = all.tasks.flatMap((task, index) =>
    known.has(task.taskId) ? [] : [{ task, position: index + 1 }],
  );
  return { tasks: missing.map(({ task }) => task), positions: missing.map(({ position }) => position) };
}

/**
 * The fewest tasks that must have moved to give the new order: all but a longest ascending run of old positions.
 * Tasks that only shifted because others came or went did not move.
 */
function movedTasks(kept: readonly Kept[]): Kept[] {
  const ends: number[] = [];
  const lengths = kept.map(({ was }) => {
    const found = ends.findIndex((end) => end > was);
    const at = found === -1 ? ends.length : found;
    ends[at] = was;
    return at + 1;
  });
  const stays = new Set<number>();
  let wanted = ends.length;
  // Of the tasks that could end a run of one length, the last has the lowest old position: it always fits.
  for (let index = kept.length - 1; index >= 0 && wanted > 0; index -= 1) {
    if (lengths[index] !== wanted) continue;
    stays.add(index);
    wanted -= 1;
  }
  return kept.filter((_, index) => !stays.has(index));
}
