import type { CardWords } from '../messages.ts';
import type { Shown, ShownTask } from '../shown-content.ts';
import { escapeEach, MARK } from './foreign-text.ts';
import { showName, showTitle } from './show-name.ts';
import { describeDiff, diffSql, type SqlDiff } from './sql-diff.ts';
import { groupByKey, nameTasks } from './task-positions.ts';
import { type Kept, keptTasks, missingFrom, movedTasks } from './task-set.ts';

/** The most changed lines of one SQL text, and of all. The work grows with the square of those of one text. */
const MAX_EDITS = 400;
const MAX_EDITS_IN_ALL = 20_000;
/** The most work for comparisons inside lines: about a second. */
const LINE_WORK = 2_000_000;

/** How much is shown of one change. */
export interface Detail {
  /** Rows of a diff, and titles of added or removed tasks. The others are counted. */
  rows: number;
  titles: number;
  /** Code points of a name. */
  names: number;
  /** Code points of a line of a diff. */
  line: number;
}

/** Describes one change with as much detail as there is room for. */
export type Change = (words: CardWords, detail: Detail) => string;

/**
 * Returns what the approver must look at again: the parts of the content that differ from the last request of the same
 * stage, and which tasks ask now and did not ask then, or the reverse.
 */
export function listChanges(before: Shown, now: Shown): Change[] {
  const ofContent = [
    ...changesOfStage(before, now),
    ...changesOfTargets(before, now),
    ...changesOfTaskSet(before, now),
    ...changesOfSql(before, now),
  ];
  const ofAsking = changesOfAsking(before, now);
  if (ofContent.length > 0) return [...ofAsking, ...ofContent];
  return [({ changes }) => `${ofAsking.length > 0 ? MARK : ''}${changes.unchanged}`, ...ofAsking];
}

/** Leaves out added and removed tasks, and tasks of which the last request did not store whether they asked. */
function changesOfAsking(before: Shown, now: Shown): Change[] {
  const known = keptTasks(before, now).filter((task) => task.before.status !== undefined);
  const asks = ({ status }: ShownTask): boolean => status === 'PENDING_APPROVAL';
  const naming = (tasks: readonly Kept[], phrase: (words: CardWords, tasks: string) => string): Change[] => {
    if (tasks.length === 0) return [];
    const positions = tasks.map(({ is }) => is);
    return [(words) => `${MARK}${phrase(words, nameTasks(positions, now.tasks.length, words.form))}`];
  };
  return [
    ...naming(
      known.filter((task) => asks(task.now) && !asks(task.before)),
      ({ changes }, tasks) => changes.asksNow(tasks),
    ),
    ...naming(
      known.filter((task) => asks(task.before) && !asks(task.now)),
      ({ changes }, tasks) => changes.asksNoLonger(tasks),
    ),
  ];
}

function changesOfStage(before: Shown, now: Shown): Change[] {
  const sameAssignee = before.assignee?.toLowerCase() === now.assignee?.toLowerCase();
  return [
    ...(sameAssignee ? [] : replaced(({ changes }) => changes.assignee, before.assignee, now.assignee)),
    ...replaced(({ changes }) => changes.environment, before.environment, now.environment),
  ];
}

function replaced(what: (words: CardWords) => string, before: string | null, now: string | null): Change[] {
  if (before === now) return [];
  return [
    (words, { names: limit }) => {
      const show = (name: string | null) =>
        name === null ? words.changes.none : showName(name, words.form, { limit });
      return `${MARK}${what(words)}\n- ${show(before)}\n+ ${show(now)}`;
    },
  ];
}

function changesOfTargets(before: Shown, now: Shown): Change[] {
  const kept = keptTasks(before, now);
  return (['instance', 'database', 'type'] as const).flatMap((field) => {
    const moved = kept.filter((task) => task.before[field] !== task.now[field]);
    return groupKept(moved, (task) => [task.before[field], task.now[field]]).flatMap(({ item, positions }) =>
      replaced(
        ({ changes, form }) => changes[field](nameTasks(positions, now.tasks.length, form)),
        item.before[field],
        item.now[field],
      ),
    );
  });
}

function changesOfTaskSet(before: Shown, now: Shown): Change[] {
  const added = missingFrom(before, now);
  const removed = missingFrom(now, before);
  const titled = (sign: '+' | '-', tasks: readonly ShownTask[]): Change => {
    return ({ form, changes }, { titles, names }) =>
      [
        ...tasks.slice(0, titles).map((task) => `\n${sign} ${showTitle(task.title, form, names)}`),
        ...(tasks.length > titles ? [`\n${MARK}${changes.moreTitles(tasks.length - titles)}`] : []),
      ].join('');
  };
  const [came, went] = [titled('+', added.tasks), titled('-', removed.tasks)];
  const changes: Change[] = [];
  if (added.tasks.length > 0) {
    changes.push((words, detail) => {
      const tasks = nameTasks(added.positions, now.tasks.length, words.form);
      return `${MARK}${words.changes.added(tasks)}${came(words, detail)}`;
    });
  }
  if (removed.tasks.length > 0) {
    changes.push((words, detail) => {
      const tasks = nameTasks(removed.positions, 0, words.form);
      return `${MARK}${words.changes.removed(tasks)}${went(words, detail)}`;
    });
  }
  for (const { is, was } of movedTasks(keptTasks(before, now))) {
    changes.push(({ changes: words, form }) => {
      const name = (position: number) => nameTasks([position], 0, form);
      return `${MARK}${words.moved(name(is), name(was))}`;
    });
  }
  return changes;
}

function changesOfSql(before: Shown, now: Shown): Change[] {
  const key = ({ sheet, statement }: ShownTask) =>
    sheet ? [sheet.uri, sheet.sizeBytes, sheet.sha256.toLowerCase()] : [statement ?? ''];
  const moved = keptTasks(before, now).filter(
    (task) => JSON.stringify(key(task.before)) !== JSON.stringify(key(task.now)),
  );
  const groups = groupKept(moved, (task) => [key(task.before), key(task.now)]);
  const bounds = {
    edits: Math.min(MAX_EDITS, Math.ceil(MAX_EDITS_IN_ALL / groups.length)),
    work: LINE_WORK / groups.length,
  };
  return groups.map(({ item, positions }) => {
    const known = new Map<CardWords | undefined, SqlDiff>();
    const diffIn = (words: CardWords): SqlDiff => {
      // Only the text of a sheet depends on the language.
      const key = item.before.sheet || item.now.sheet ? words : undefined;
      const found = known.get(key) ?? diffSql(textOf(item.before, words), textOf(item.now, words), bounds);
      known.set(key, found);
      return found;
    };
    return (words, limits) =>
      describeDiff(diffIn(words), nameTasks(positions, now.tasks.length, words.form), words, limits);
  });
}

/**
 * Returns the SQL, or for a sheet its URI, size and hash. Rows are escaped when they are printed. Line ends in a URI
 * are escaped here already, to keep it in one row.
 */
function textOf({ sheet, statement }: ShownTask, { form }: CardWords): string {
  if (!sheet) return statement ?? '';
  return [
    form.sheetUri(sheet.uri.replace(/[\r\n]/g, escapeEach)),
    form.sheetSize(sheet.sizeBytes),
    form.sheetHash(sheet.sha256.toLowerCase()),
  ].join('\n');
}

const groupKept = (kept: readonly Kept[], keyOf: (task: Kept) => unknown) =>
  groupByKey(kept, (task) => JSON.stringify(keyOf(task))).map(({ item, positions }) => ({
    item,
    positions: positions.flatMap((position) => kept[position - 1]?.is ?? []),
  }));
