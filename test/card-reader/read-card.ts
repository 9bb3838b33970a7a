import {
  type LeftOf,
  type Level,
  type Locale,
  MARK,
  type ReadCard,
  type ReadLeftOut,
  type ReadSql,
  type ReadTask,
  type SeenCard,
  type Trigger,
  Unreadable,
  type Warnings,
  type Wording,
} from './card.ts';
import type { Phrase } from './phrase.ts';
import { readChanges } from './read-changes.ts';
import { readName, readTasks, requireConsistentCut } from './read-parts.ts';
import { readSections } from './read-sql.ts';
import { readTaskList } from './read-tasks.ts';
import { LABELS, type LabelledField, WORDS, type Words } from './words.ts';

/**
 * Reads a card as a person does: by its labels, headings, groups and escapes. Throws `Unreadable` at everything that it
 * cannot read, and if the card contradicts itself.
 */
export function readCard(card: SeenCard, locale: Locale): ReadCard {
  const { fields, lists } = sortFields(card, locale);
  const { wording, level, contentSha256 } = readContentHash(need(fields, 'content_hash'), locale);
  const words = WORDS[wording];
  const name = (shown: string) => {
    const read = readName(unquoted(shown), words);
    requireConsistentCut(read);
    return read;
  };
  const optional = (field: LabelledField) => {
    const text = fields.get(field);
    return text === undefined ? undefined : name(text);
  };
  const { warnings, title, id } = readIssue(need(fields, 'issue'), words);
  const { count, covers, tasks } = readTaskList(lists.tasks, words);
  const sections = lists.sql.length > 0 ? readSections(lists.sql, words) : [];
  const changes = fields.get('changes');
  const leftOut = fields.get('left_out');
  const read: ReadCard = {
    wording,
    level,
    title: wording === 'BOTH' ? undefined : name(readTitle(card.title, id)),
    issue: {
      id: name(id),
      title: name(title),
      url: name(need(fields, 'link')),
      projectId: optional('project'),
    },
    stage: { title: name(need(fields, 'stage')), environment: optional('environment') },
    creator: readRequester(need(fields, 'requester'), words),
    reasons: readReasons(need(fields, 'reason'), words),
    warnings,
    leftOut: leftOut === undefined ? undefined : readLeftOut(leftOut, words),
    changes: changes === undefined ? undefined : readChanges(changes, words),
    taskCount: count,
    covers,
    tasks: tasks.map((task): ReadTask => ({ ...task, sql: sqlOf(task.position, sections) })),
    sections,
    contentSha256,
  };
  requireWhole(read);
  return read;
}

type Fields = ReadonlyMap<LabelledField, string>;

function sortFields({ fields }: SeenCard, locale: Locale) {
  const labels = LABELS[locale];
  const named = new Map<LabelledField, string>();
  const lists: Record<'tasks' | 'sql', string[]> = { tasks: [], sql: [] };
  for (const { label, value } of fields) {
    const name = (Object.keys(labels.fields) as LabelledField[]).find((one) => labels.fields[one] === label);
    const list = (['tasks', 'sql'] as const).find((one) => labels[one].match(label));
    if (name && !named.has(name)) named.set(name, value);
    else if (list) {
      const page = labels[list].match(label)?.optional('page') ?? '1';
      if (lists[list].push(value) !== Number(page))
        throw new Unreadable('a page is missing or out of order', label);
    } else throw new Unreadable('a field has an unknown label, or is there twice', label);
  }
  return { fields: named, lists };
}

function need(fields: Fields, field: LabelledField): string {
  const text = fields.get(field);
  if (text === undefined) throw new Unreadable('a field is missing', field);
  return text;
}

/** Removes the quotation marks around a text that looks like an i18n key. */
const unquoted = (text: string): string => /^“(?<text>@i18n@.*)”$/su.exec(text)?.groups?.text ?? text;

function readContentHash(
  text: string,
  locale: Locale,
): { wording: Wording; level: Level; contentSha256: string } {
  for (const wording of [locale, 'BOTH'] as const) {
    const { contentHash, levels } = WORDS[wording];
    const found = contentHash.match(text);
    const level = (Object.keys(levels) as Level[]).find((one) => levels[one] === found?.text('level'));
    const contentSha256 = found?.text('sha256') ?? '';
    if (!level || !found) continue;
    if (!/^[0-9a-f]{64}$/.test(contentSha256) || found.text('first') !== contentSha256.slice(0, 12))
      throw new Unreadable('the content hash is invalid', text);
    return { wording, level, contentSha256 };
  }
  throw new Unreadable('the card does not say what an approval covers', text);
}

/** Reads the warnings, then the title, then the id. */
function readIssue(text: string, words: Words): { warnings: Warnings; title: string; id: string } {
  const lines = unquoted(text).split('\n');
  const warnings: Warnings = {};
  const kinds: [keyof Warnings, Phrase][] = [
    ['incomplete', words.incomplete],
    ['unlisted', words.unlisted],
    ['shortenedTargets', words.shortenedTargets],
  ];
  while (lines[0]?.startsWith(MARK)) {
    const line = lines.shift() ?? '';
    const said = line.slice(`${MARK}${words.warned}`.length);
    const kind = kinds.find(([, one]) => one.match(said));
    const found = kind?.[1].match(said);
    if (!kind || !found || !line.startsWith(`${MARK}${words.warned}`) || warnings[kind[0]])
      throw new Unreadable('the card begins with an unknown line', line);
    warnings[kind[0]] = { left: found.number('left'), total: found.number('total') } satisfies LeftOf;
  }
  if (lines.at(-1) === `${MARK}${words.rightToLeft}`) lines.pop();
  const [title = '', idLine = '', ...more] = lines;
  const id = words.issueId.match(idLine)?.text('id');
  if (id === undefined || more.length > 0) throw new Unreadable('the card does not name the issue', text);
  return { warnings, title, id };
}

/** Returns the issue's title in the card's title. The id follows it, written as in the field of the issue. */
function readTitle(text: string, id: string): string {
  const whole = unquoted(text);
  const end = ` · ${id}`;
  if (!whole.endsWith(end)) throw new Unreadable('the title of the card does not end with the id', text);
  return whole.slice(0, -end.length);
}

function readRequester(text: string, words: Words): ReadCard['creator'] {
  const [person = '', bot, ...more] = unquoted(text).split('\n');
  if ((bot !== undefined && bot !== words.botAsks) || more.length > 0)
    throw new Unreadable('the card does not name the requester', text);
  const found = words.requester.match(person);
  const [email = person, name] = [found?.text('email'), found?.text('name')];
  return {
    email: readName(email, words),
    name: name === undefined ? undefined : readName(name, words),
    botAsks: bot !== undefined,
  };
}

function readReasons(text: string, { triggers }: Words): Trigger[] {
  return text.split('\n').map((line) => {
    const trigger = (Object.keys(triggers) as Trigger[]).find((one) => triggers[one] === line);
    if (!trigger) throw new Unreadable('unknown reason', line);
    return trigger;
  });
}

function readLeftOut(text: string, words: Words): ReadLeftOut {
  const lines = text.split('\n');
  if (!words.readTheWhole.match(lines.pop() ?? ''))
    throw new Unreadable('the card does not say where to find what is left out', text);
  const leftOut: ReadLeftOut = {};
  for (const line of lines) {
    const sql = words.leftOutSql.match(line);
    const kinds = [
      ['sheets', words.leftOutSheets],
      ['unlisted', words.leftOutTasks],
      ['targets', words.leftOutTargets],
    ] as const;
    const kind = kinds.find(([, one]) => one.match(line));
    if (sql && !leftOut.sql) {
      const tasks = readTasks(sql.text('tasks'), words);
      leftOut.sql = { missing: sql.number('missing'), total: sql.number('total'), tasks };
    } else if (kind && !leftOut[kind[0]]) {
      leftOut[kind[0]] = readTasks(kind[1].match(line)?.text('tasks') ?? '', words);
    } else throw new Unreadable('unknown line about what is left out', line);
  }
  return leftOut;
}

const sqlOf = (position: number, sections: ReadCard['sections']): ReadSql =>
  sections.find(({ positions }) => positions.includes(position))?.sql ?? { kind: 'NOT_SHOWN' };

/** Checks that the card has SQL for each task, or for none. */
function requireWhole({ sections, taskCount }: ReadCard): void {
  const covered = sections.flatMap(({ positions }) => positions).sort((a, b) => a - b);
  if (
    sections.length > 0 &&
    (covered.length !== taskCount || covered.some((one, index) => one !== index + 1))
  )
    throw new Unreadable('a task has no SQL, or SQL belongs to no task', covered.join(' '));
}
