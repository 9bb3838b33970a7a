import type { LeftOf, ReadCard, ReadPositions, ReadTask } from './card.ts';
import { compareSections, isSameFile, isSameSql, isWhole } from './compare-sql.ts';
import { contentHashOf, hashOfTask } from './hashes.ts';
import type { RecordIssue, RecordStage, RecordTask } from './record.ts';
import { isSameName } from './same-name.ts';

/**
 * Compares what a person reads on a card with the record. Returns each difference as a sentence. There is none if the
 * card shows the whole record and nothing else, or says what it leaves out.
 */
export function compareCard(card: ReadCard, issue: RecordIssue, stage: RecordStage): string[] {
  const { tasks } = stage;
  const fixed: [string, boolean][] = [
    ['the id of the issue', isSameName(card.issue.id, issue.issueId)],
    ['the title of the issue', isSameName(card.issue.title, issue.title)],
    ['the title of the card', !card.title || isSameName(card.title, issue.title)],
    ['the url', isSameName(card.issue.url, issue.url)],
    ['the project', isSameName(card.issue.projectId, issue.projectId)],
    ['the title of the stage', isSameName(card.stage.title, stage.title)],
    ['the environment', isSameName(card.stage.environment, stage.environment)],
    ['the e-mail of the creator', isSameName(card.creator.email, issue.creator.email)],
    ['the name of the creator', isSameName(card.creator.name, issue.creator.name || undefined)],
    ['the content hash', card.contentSha256 === contentHashOf(issue, stage)],
    ['the number of tasks', card.taskCount === tasks.length],
    ['which tasks an approval covers', isSameCover(card.covers, tasks)],
  ];
  return [
    ...fixed.flatMap(([what, same]) => (same ? [] : [`different: ${what}`])),
    ...card.tasks.flatMap((read, index) => compareTask(read, tasks[index])),
    ...compareSections(card, tasks),
    ...compareLeftOut(card, tasks),
  ];
}

/** Compares a listed task with the record, with its status and check. */
function compareTask(read: ReadTask, task: RecordTask | undefined): string[] {
  if (!task) return [`task ${read.position} does not exist`];
  const parts: [string, boolean][] = [
    ['title', isSameName(read.title, task.title)],
    ['status', read.status === task.status],
    ['check', read.check === (task.check ?? undefined)],
    ['SQL', isSameSql(read.sql, task)],
  ];
  const differs = parts.flatMap(([what, same]) => (same ? [] : [`task ${read.position}: different ${what}`]));
  return [...differs, ...compareRun(read, task)];
}

/** Compares what runs, and where: type, instance, database, SQL and hash. For a sheet only URI and hash. */
export function compareRun(read: ReadTask, task: RecordTask): string[] {
  const parts: [string, boolean][] = [
    ['type', isSameName(read.type, task.type)],
    ['instance', isSameName(read.instance, task.instance)],
    ['database', isSameName(read.database, task.database)],
    ['hash', hashOfTask(task).startsWith(read.hash)],
    ['SQL', task.sheet ? isSameFile(read.sql, task.sheet) : isSameSql(read.sql, task)],
  ];
  return parts.flatMap(([what, same]) => (same ? [] : [`task ${read.position}: different ${what}`]));
}

function isSameCover(covers: ReadPositions | undefined, tasks: readonly RecordTask[]): boolean {
  const asking = positionsOf(tasks, ({ status }) => status === 'PENDING_APPROVAL');
  const isPartly = asking.length > 0 && asking.length < tasks.length;
  return isPartly ? isSamePositions(covers, asking, tasks.length) : covers === undefined;
}

const positionsOf = (tasks: readonly RecordTask[], isOne: (task: RecordTask, index: number) => boolean) =>
  tasks.flatMap((task, index) => (isOne(task, index) ? [index + 1] : []));

/** Returns whether a list has all positions, or the first ones and the number of all. */
function isSamePositions(
  read: ReadPositions | undefined,
  positions: readonly number[],
  count: number,
): boolean {
  if (!read || positions.length === 0) return read === undefined && positions.length === 0;
  const named = read.positions.every((position, index) => position === positions[index]);
  const isAll = count > 1 && positions.length === count;
  return named && (read.inAll ?? read.positions.length) === positions.length && read.all === isAll;
}

/** Checks that everything that is left out is counted at the beginning and listed in its own field. */
function compareLeftOut(card: ReadCard, tasks: readonly RecordTask[]): string[] {
  const { warnings, leftOut } = card;
  const count = tasks.length;
  const sheets = positionsOf(tasks, ({ sheet }) => Boolean(sheet));
  const cut = positionsOf(tasks, (task, index) => !task.sheet && !isWhole(sqlAt(card, index + 1), task));
  const unlisted = positionsOf(tasks, (_, index) => index >= card.tasks.length);
  const shortened = positionsOf(tasks, (task, index) =>
    (['type', 'instance', 'database'] as const).some((field) => {
      const read = card.tasks[index]?.[field];
      return read?.cut !== undefined && read.raw !== task[field];
    }),
  );
  const withSql = tasks.filter(({ sheet, statement }) => sheet || statement).length;
  const isCounted = (said: LeftOf | undefined, left: number, total: number) =>
    left === 0 ? said === undefined : said?.left === left && said.total === total;
  const parts: [string, boolean][] = [
    ['statements', isCounted(warnings.incomplete, cut.length + sheets.length, withSql)],
    ['tasks', isCounted(warnings.unlisted, unlisted.length, count)],
    ['targets', isCounted(warnings.shortenedTargets, shortened.length, count)],
    ['cut statements', isSamePositions(leftOut?.sql?.tasks, cut, count)],
    ['files', isSamePositions(leftOut?.sheets, sheets, count)],
    ['tasks that are not listed', isSamePositions(leftOut?.unlisted, unlisted, count)],
    ['shortened targets', isSamePositions(leftOut?.targets, shortened, count)],
    ['characters', isMissingCountRight(card, tasks)],
  ];
  return parts.flatMap(([what, same]) => (same ? [] : [`wrong statement about what is left out: ${what}`]));
}

const sqlAt = ({ sections }: ReadCard, position: number) =>
  sections.find(({ positions }) => positions.includes(position))?.sql ?? ({ kind: 'NOT_SHOWN' } as const);

/** Checks the count of missing characters. Equal statements count once. */
function isMissingCountRight(card: ReadCard, tasks: readonly RecordTask[]): boolean {
  const said = card.leftOut?.sql;
  if (!said) return true;
  let [missing, total] = [0, 0];
  const seen = new Set<string>();
  for (const [index, { sheet, statement }] of tasks.entries()) {
    if (sheet || seen.has(statement ?? '')) continue;
    seen.add(statement ?? '');
    const characters = Array.from(statement ?? '').length;
    const sql = sqlAt(card, index + 1);
    total += characters;
    if (sql.kind === 'NOT_SHOWN') missing += characters;
    else if (sql.cut) missing += characters - sql.cut.shown;
  }
  return said.missing === missing && said.total === total;
}
