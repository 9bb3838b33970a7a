import { taskHash } from '../../issue/content-hash.ts';
import type { I18nResource } from '../gateway.ts';
import { shownOf } from '../shown-content.ts';
import {
  bytesOfCreate,
  bytesOfTexts,
  bytesWithout,
  FORM_BUDGETS,
  type FormTexts,
  writeBody,
} from './body.ts';
import { fitChanges } from './fit-changes.ts';
import { createSqlWriter } from './fit-sql.ts';
import { fitTasks } from './fit-tasks.ts';
import { fitFixedTexts } from './fixed-texts.ts';
import type { FormInput } from './form-input.ts';
import type { FormKind, FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';
import { findLeftOut, isNothingLeftOut, writeFirstLines, writeLeftOut } from './left-out.ts';
import { paginate } from './pages.ts';
import { groupSql } from './sql-groups.ts';
import { FIELDS, type Field, LISTS, type List, PAGES, SEPARATORS, widgetOfPage } from './widgets.ts';

export { FORM_BUDGETS } from './body.ts';
export type { FormInput } from './form-input.ts';

export interface InstanceForm extends FormKind {
  /** JSON array string of `{id, type, value}`. With KEYS every value is an i18n key. */
  form: string;
  /** KEYS: i18n key of the title. PLAIN: '' (then neither title nor i18n_resources are sent). */
  title: string;
  /** PLAIN: []. */
  i18nResources: I18nResource[];
  /** Bytes of the HTTP body of the create, never less than what is sent. */
  bytes: number;
  /**
   * Whether the card lists every task with its whole type, instance and database, and shows every statement whole.
   * False if there is a sheet, because its preview is never whole.
   */
  whole: boolean;
}

/** The part of the budget that the changes may take. */
const CHANGES_SHARE = 1 / 4;

/**
 * Builds the form of a request within the budget of its level (`FORM_BUDGETS`). The budget is spent in this order: what
 * is asked, what changed since the last request, the tasks, the SQL. The card says what is left out at its place, in a
 * field of its own, and in the first line.
 */
export function buildInstanceForm(
  input: FormInput,
  { level, wording }: FormKind = { level: 'FULL', wording: 'KEYS' },
): InstanceForm {
  const { tasks } = input.stage;
  const budget = FORM_BUDGETS[level];
  const pages = { tasks: PAGES.tasks, sql: level === 'MINIMAL' ? 1 : PAGES.sql };
  let room = budget - bytesWithout(widgetsOf(pages), wording);

  const fixed = fitFixedTexts(input, level, wording, room);
  room -= fixed.bytes;
  const changes = describeChanges(input, wording, Math.min(room, budget * CHANGES_SHARE));
  room -= bytesOfTexts(changes ?? [], wording);

  const groups = groupSql(tasks);
  const writer = createSqlWriter(groups, { tasks: tasks.length, url: fixed.urls.notes, wording });
  const without = writer.none();
  room -= without.bytes;
  const hashed = tasks.map((task) => ({ task, hash: taskHash(task) }));
  const list = fitTasks(hashed, wording, room, level === 'MINIMAL' ? 0 : writer.bytesOfAll(room));
  room -= list.bytes;
  const sql = level === 'MINIMAL' ? without : writer.fit(room + without.bytes);

  const { listed, shortened } = list;
  const leftOut = findLeftOut(groups, sql.shown, { tasks: tasks.length, listed, shortened });
  const divided = {
    tasks: paginate(list.sections, pages.tasks, SEPARATORS.tasks),
    sql: paginate(sql.sections, pages.sql, SEPARATORS.sql),
  };
  const texts = LANGUAGES[wording].map(({ words }, language): FormTexts => {
    const { title = '', fields = new Map<Field, string>() } = fixed.languages[language] ?? {};
    const firstLines = writeFirstLines(leftOut, fixed.urls, words);
    const all = new Map(fields)
      .set('issue', [...firstLines, fields.get('issue')].join('\n'))
      .set('changes', changes?.[language] ?? '')
      .set('left_out', writeLeftOut(leftOut, fixed.urls, words) ?? '');
    const lists = LISTS.flatMap((name) =>
      (divided[name][language] ?? []).map((text, page) => [widgetOfPage(name, page + 1), text] as const),
    );
    const values = [...FIELDS.map((field) => [field, all.get(field) ?? ''] as const), ...lists];
    return { title, values: new Map(values.filter(([, text]) => text !== '')) };
  });
  const body = writeBody(texts, wording);
  return { level, wording, ...body, bytes: bytesOfCreate(body), whole: isNothingLeftOut(leftOut) };
}

/** Every widget that a form may have. */
const widgetsOf = (pages: Record<List, number>): string[] => [
  ...FIELDS,
  ...LISTS.flatMap((list) =>
    Array.from({ length: pages[list] }, (_, index) => widgetOfPage(list, index + 1)),
  ),
];

function describeChanges(
  { issue, stage, previous }: FormInput,
  wording: FormWording,
  room: number,
): string[] | undefined {
  if (previous?.stageId !== stage.stageId) return undefined;
  return fitChanges(previous, shownOf(issue, stage), wording, room);
}
