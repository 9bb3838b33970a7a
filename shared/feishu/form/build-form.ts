import type { IssueRecord, Stage } from '../../issue/record.ts';
import { TRIGGERS, type Trigger } from '../../issue/triggers.ts';
import type { I18nResource } from '../gateway.ts';
import { MESSAGES, type Messages } from '../messages.ts';
import { type Shown, shownOf } from '../shown.ts';
import { listChanges } from './changes.ts';
import { escapeLine } from './foreign-text.ts';
import { showName, showTitle } from './names.ts';
import { assignPages, joinPages, longestOf } from './pages.ts';
import { showSql } from './sql-sections.ts';
import { listTasks } from './task-list.ts';
import { FIELDS, type Field, LISTS, type List, PAGES, WIDGETS, widgetOfPage } from './widgets.ts';

export interface FormInput {
  issue: IssueRecord;
  stage: Stage;
  contentSha256: string;
  triggers: readonly Trigger[];
  /** The creator is unknown to Feishu, so the bot asks in their place. */
  requesterIsBot: boolean;
  /** What the last request for this stage showed; absent at the first. */
  previous?: Shown | undefined;
}

export interface InstanceForm {
  /** JSON array string of `{id, type, value}`; every value is an i18n key. */
  form: string;
  /** i18n key of the title. */
  title: string;
  i18nResources: I18nResource[];
}

/** Keys have at least three characters behind the prefix (FEISHU 12.14). */
const KEY_PREFIX = '@i18n@';
const TITLE_KEY = `${KEY_PREFIX}instance_title`;
const valueKey = (widgetId: string): string => `${KEY_PREFIX}value_${widgetId}`;

/** How much of the issue's title the title of the instance holds, in code points; the form has all of it. */
const INSTANCE_TITLE_LIMIT = 200;
/** Titles that CONTRACT section 2 wants whole; an issue's title has at most 500. */
const WHOLE_TITLE_LIMIT = 2_000;

/**
 * The form as it is sent (FEISHU 3.3). All values go through i18n keys of the instance, so that each reader gets
 * their own language, and so that no text of a person can be taken for a key. Values are never blank; what has
 * no value is left out.
 */
export function buildInstanceForm(input: FormInput): InstanceForm {
  const locales = ['zh-CN', 'en-US'] as const;
  const written = locales.map((locale) => ({ locale, ...writeTexts(input, MESSAGES[locale]) }));
  // One division for all languages: a page that only one of them had would be a key without a text.
  const pages = LISTS.map((list) =>
    assignPages(longestOf(written.map(({ lists }) => lists[list])), PAGES[list]),
  );
  const i18nResources = written.map(({ locale, title, fields, lists }) => {
    const texts = new Map<string, string>(fields);
    for (const [index, list] of LISTS.entries()) {
      for (const [page, text] of joinPages(lists[list], pages[index] ?? [], SEPARATORS[list])) {
        texts.set(widgetOfPage(list, page), text);
      }
    }
    return {
      locale,
      is_default: locale === 'zh-CN',
      texts: [
        { key: TITLE_KEY, value: title },
        ...[...texts].map(([id, value]) => ({ key: valueKey(id), value })),
      ],
    };
  });
  const keys = new Set(i18nResources[0]?.texts.map(({ key }) => key));
  const form = WIDGETS.filter(({ id }) => keys.has(valueKey(id)));
  return {
    form: JSON.stringify(form.map(({ id, type }) => ({ id, type, value: valueKey(id) }))),
    title: TITLE_KEY,
    i18nResources,
  };
}

/** Between the sections of a list on one page. */
const SEPARATORS = { tasks: '\n', sql: '\n\n' } as const satisfies Record<List, string>;

interface WrittenTexts {
  title: string;
  fields: Map<Field, string>;
  lists: Record<List, string[]>;
}

/** Everything the form says, in one language. */
function writeTexts(input: FormInput, messages: Messages): WrittenTexts {
  const { issue, stage } = input;
  const { form } = messages;
  const url = escapeLine(issue.url);
  const id = escapeLine(issue.issueId);
  const sql = showSql(stage.tasks, url, form);
  const optional = (name: string | null | undefined) =>
    typeof name === 'string' ? showName(name, form) : undefined;
  const texts: Record<Field, string | undefined> = {
    issue: `${showTitle(issue.title, form, WHOLE_TITLE_LIMIT)}\n${form.issueId(id)}`,
    stage: showTitle(stage.title, form, WHOLE_TITLE_LIMIT),
    environment: optional(stage.environment),
    reason: TRIGGERS.filter((trigger) => input.triggers.includes(trigger))
      .map((trigger) => messages.triggers[trigger])
      .join('\n'),
    changes: describeChanges(input, messages),
    left_out: sql.leftOut.length > 0 ? [...sql.leftOut, form.readTheWhole(url)].join('\n') : undefined,
    link: url,
    requester: describeRequester(input, messages),
    project: optional(issue.projectId),
    content_hash: form.contentHash(input.contentSha256),
  };
  return {
    title: keepFromBeingAKey(`${showTitle(issue.title, form, INSTANCE_TITLE_LIMIT)} · ${id}`),
    fields: new Map(
      FIELDS.flatMap((field) => {
        const text = texts[field];
        return text ? [[field, keepFromBeingAKey(text)] as const] : [];
      }),
    ),
    lists: { tasks: listTasks(stage.tasks, messages), sql: sql.sections },
  };
}

function describeChanges({ issue, stage, previous }: FormInput, messages: Messages): string | undefined {
  if (previous?.stageId !== stage.stageId) return undefined;
  return listChanges(previous, shownOf(issue, stage), messages);
}

function describeRequester({ issue, requesterIsBot }: FormInput, { form }: Messages): string {
  const { email, name } = issue.creator;
  // The address first: a name could hold another one.
  const person = form.requester(escapeLine(email), name ? showName(name, form) : undefined);
  return requesterIsBot ? `${person}\n${form.botAsks}` : person;
}

/** A text that looks like a key is set in quotation marks, so that it arrives as a text. */
const keepFromBeingAKey = (text: string): string => (text.startsWith(KEY_PREFIX) ? `“${text}”` : text);
