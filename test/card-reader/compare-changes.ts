import type { ChangeKind, ReadCard, ReadChange, ReadChanges, ReadPositions, ReadReplaced } from './card.ts';
import {
  type Facts,
  factsOf,
  isAscending,
  type Kept,
  type Moment,
  TASK_KINDS,
  type TaskKind,
  whatRuns,
} from './change-facts.ts';
import { judgeDiff, linesOf } from './compare-diff.ts';
import { isSameName } from './same-name.ts';
import { WORDS, type Words } from './words.ts';

/**
 * Compares the changes on a card with two records: the one of this request and the one of the request before, if any.
 * Returns each error as a sentence. A change that the card counts as not listed is no error.
 */
export function compareChanges(
  { changes, wording }: ReadCard,
  before: Moment | undefined,
  now: Moment,
): string[] {
  if (!before) return changes ? ['the card lists changes, but there was no request before'] : [];
  if (!changes) return ['the card does not list the changes'];
  const facts = factsOf(before, now);
  const judged = [
    ...judgeStage(changes, facts, before, now),
    ...TASK_KINDS.map((kind) => judgeTasks(kind, changes, facts)),
    judgeMoved(changes, facts),
    judgeUnchanged(changes, facts),
  ];
  const isMissing = judged.includes('MISSING');
  return [
    ...judged.filter((one) => one !== 'RIGHT' && one !== 'MISSING'),
    ...(isMissing && changes.left === 0 ? ['a change is not listed'] : []),
    ...(!isMissing && changes.left > 0 ? ['the card says that changes are left out, but lists all'] : []),
    ...changes.named.flatMap((change) => judgeValues(change, facts, before, now, WORDS[wording])),
  ];
}

/** The result for one kind of change: right, not complete, or a sentence about the error. */
type Judgement = 'RIGHT' | 'MISSING' | `${string} ${string}`;

function judgeStage(changes: ReadChanges, facts: Facts, before: Moment, now: Moment): Judgement[] {
  const judge = (
    kind: 'ASSIGNEE' | 'ENVIRONMENT',
    differs: boolean,
    isRight: (change: ReadReplaced) => boolean,
  ): Judgement => {
    const [change, ...others] = ofKind(changes, kind);
    if (!change) return differs ? 'MISSING' : 'RIGHT';
    return differs && others.length === 0 && isRight(change)
      ? 'RIGHT'
      : `${kind}: the card shows other values`;
  };
  return [
    judge('ASSIGNEE', facts.assignee, (change) =>
      isReplaced(change, before.issue.assignee?.email, now.issue.assignee?.email),
    ),
    judge('ENVIRONMENT', facts.environment, (change) =>
      isReplaced(change, before.stage.environment, now.stage.environment),
    ),
  ];
}

const isReplaced = (
  change: ReadReplaced,
  before: string | null | undefined,
  now: string | null | undefined,
): boolean => isSameName(change.before, before) && isSameName(change.now, now);

const ofKind = <K extends ChangeKind>({ named }: ReadChanges, kind: K) =>
  named.filter((one): one is Extract<ReadChange, { kind: K }> => one.kind === kind);

/** Checks that each task with this kind of change is listed once, and no other task. */
function judgeTasks(kind: TaskKind, changes: ReadChanges, { tasks, counts }: Facts): Judgement {
  const lists = ofKind(changes, kind).map((change) => change.tasks);
  const expected = tasks[kind];
  const listed = lists.flatMap(({ positions }) => positions);
  const isEachRight = lists.every((list) => isConsistent(list, kind === 'REMOVED' ? undefined : counts.now));
  if (
    !isEachRight ||
    new Set(listed).size < listed.length ||
    listed.some((one) => !expected.includes(one)) ||
    count(lists) > expected.length
  )
    return `${kind}: wrong for tasks ${listed.join(', ')}`;
  return count(lists) < expected.length ? 'MISSING' : 'RIGHT';
}

const count = (lists: readonly ReadPositions[]): number =>
  lists.reduce((sum, { positions, inAll }) => sum + (inAll ?? positions.length), 0);

/** Checks that a list is cut only if there are more tasks, and says "all" exactly if it has all tasks. */
const isConsistent = ({ positions, inAll, all }: ReadPositions, tasks: number | undefined): boolean =>
  (inAll === undefined || inAll > positions.length) &&
  all === (tasks !== undefined && tasks > 1 && (inAll ?? positions.length) === tasks);

/** Checks the positions of moved tasks, and that all other tasks are in their former order. */
function judgeMoved(changes: ReadChanges, { kept }: Facts): Judgement {
  const moved = ofKind(changes, 'MOVED');
  const stays = kept.filter(({ is }) => !moved.some((one) => one.is === is));
  const isWrong = moved.some(({ is, was }) => !kept.some((one) => one.is === is && one.was === was));
  if (isWrong || (moved.length > 0 && isAscending(kept))) return 'MOVED: wrong positions';
  return isAscending(stays) ? 'RIGHT' : 'MISSING';
}

/** Checks the line "no changes". Which tasks ask is not part of the content. */
function judgeUnchanged(changes: ReadChanges, { assignee, environment, kept, tasks }: Facts): Judgement {
  const isSame =
    !assignee &&
    !environment &&
    isAscending(kept) &&
    TASK_KINDS.every((kind) => kind === 'ASKS_NOW' || kind === 'ASKS_NO_LONGER' || tasks[kind].length === 0);
  const said = ofKind(changes, 'UNCHANGED').length;
  if (said > (isSame ? 1 : 0)) return 'UNCHANGED: the content has changed';
  return isSame && said === 0 ? 'MISSING' : 'RIGHT';
}

/** Checks the lines below the heading of a change. */
function judgeValues(change: ReadChange, facts: Facts, before: Moment, now: Moment, words: Words): string[] {
  switch (change.kind) {
    case 'INSTANCE':
    case 'DATABASE':
    case 'TYPE': {
      const field = ({ INSTANCE: 'instance', DATABASE: 'database', TYPE: 'type' } as const)[change.kind];
      const isRight = namedTasks(change.tasks, facts).every((one) =>
        isReplaced(change, one.before[field], one.now[field]),
      );
      return isRight ? [] : [`${change.kind}: the card shows other values`];
    }
    case 'ADDED':
    case 'REMOVED': {
      const { stage } = change.kind === 'ADDED' ? now : before;
      const tasks = facts.tasks[change.kind].map((position) => stage.tasks[position - 1]);
      const isRight =
        change.titles.every((title, index) => isSameName(title, tasks[index]?.title)) &&
        change.titles.length + change.more === tasks.length;
      return isRight ? [] : [`${change.kind}: the card names other tasks`];
    }
    case 'SQL': {
      // Tasks in one list must share the old SQL and the new SQL.
      const alike = new Map(
        namedTasks(change.tasks, facts).map((one) => [whatRuns(one.before) + whatRuns(one.now), one]),
      );
      if (alike.size > 1) return ['tasks with different SQL are in one list'];
      return [...alike.values()].flatMap((one) => {
        const wrong = judgeDiff(change.diff, linesOf(one.before, words), linesOf(one.now, words));
        return wrong ? [`SQL of task ${one.is}: ${wrong}`] : [];
      });
    }
    default:
      return [];
  }
}

const namedTasks = ({ positions }: ReadPositions, { kept }: Facts): Kept[] =>
  kept.filter(({ is }) => positions.includes(is));
