import { APPROVER_NODE_ID } from '../definition.ts';
import type { I18nResource } from '../gateway.ts';
import type { FormLevel, FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';
import type { Section } from './pages.ts';
import { type List, PAGES, SEPARATORS, WIDGETS } from './widgets.ts';

/**
 * The maximum size of the body of a create, in bytes. Feishu documents no limit (docs/feishu.md 3.4). FULL has room for
 * about forty tasks with 2,000 characters of SQL each. COMPACT and MINIMAL are tried after a refusal.
 */
export const FORM_BUDGETS: Record<FormLevel, number> = { FULL: 200_000, COMPACT: 60_000, MINIMAL: 16_000 };

/** Keys have at least three characters after the prefix (docs/feishu.md 12.14). */
const KEY_PREFIX = '@i18n@';
const TITLE_KEY = `${KEY_PREFIX}instance_title`;
const valueKey = (widgetId: string): string => `${KEY_PREFIX}value_${widgetId}`;

/** The texts of a form in one language: widget id → text, never blank. */
export interface FormTexts {
  title: string;
  values: ReadonlyMap<string, string>;
}

/** The parts of the body of a create that are the form. */
export interface FormBody {
  form: string;
  title: string;
  i18nResources: I18nResource[];
}

/**
 * Writes the form as it is sent (docs/feishu.md 3.3), without widgets that have no value. With KEYS each reader sees
 * their own language, and a text that a person wrote cannot count as a key.
 * @param languages one for each of `LANGUAGES` of the wording, with values for the same widgets
 */
export function writeBody(languages: readonly FormTexts[], wording: FormWording): FormBody {
  const values = languages[0]?.values ?? new Map<string, string>();
  const formOf = (contentOf: (id: string) => string): string =>
    JSON.stringify(
      WIDGETS.filter(({ id }) => values.has(id)).map(({ id, type }) => ({ id, type, value: contentOf(id) })),
    );
  if (wording === 'PLAIN') {
    return { form: formOf((id) => keepFromBeingAKey(values.get(id) ?? '')), title: '', i18nResources: [] };
  }
  const i18nResources = LANGUAGES.KEYS.map(({ locale }, index) => ({
    locale,
    is_default: locale === 'zh-CN',
    texts: [
      { key: TITLE_KEY, value: keepFromBeingAKey(languages[index]?.title ?? '') },
      ...[...(languages[index]?.values ?? [])].map(([id, value]) => ({
        key: valueKey(id),
        value: keepFromBeingAKey(value),
      })),
    ],
  }));
  return { form: formOf(valueKey), title: TITLE_KEY, i18nResources };
}

/** Puts a text that looks like a key in quotation marks, so that Feishu shows it as text. */
const keepFromBeingAKey = (text: string): string => (text.startsWith(KEY_PREFIX) ? `“${text}”` : text);
/** Bytes of these quotation marks. */
const QUOTES = 6;

/** The longest possible id. The ids of a request are not known when its form is made (docs/feishu.md 3.3: `uuid`). */
const ID = 'x'.repeat(64);

/** Returns the bytes of the HTTP body of a create (`shared/feishu/client.ts`), if every id has 64 characters. */
export function bytesOfCreate({ form, title, i18nResources }: FormBody): number {
  return Buffer.byteLength(
    JSON.stringify({
      approval_code: ID,
      open_id: ID,
      node_approver_open_id_list: [{ key: APPROVER_NODE_ID, value: [ID] }],
      uuid: ID,
      form,
      ...(title === '' ? {} : { title, i18n_resources: i18nResources }),
      allow_resubmit: false,
      allow_submit_again: false,
    }),
  );
}

/** Returns the bytes of a create with these widgets, whose texts and title are only quotation marks. */
export function bytesWithout(widgetIds: readonly string[], wording: FormWording): number {
  const empty = { title: '', values: new Map(widgetIds.map((id) => [id, ''])) };
  const languages = LANGUAGES[wording].map(() => empty);
  return bytesOfCreate(writeBody(languages, wording)) + QUOTES * languages.length * (widgetIds.length + 1);
}

/** Returns the bytes of a text in the body: with KEYS as JSON, with PLAIN as JSON in JSON. */
export function bytesOfText(text: string, wording: FormWording): number {
  const json = JSON.stringify(text);
  return wording === 'KEYS' ? Buffer.byteLength(json) - 2 : Buffer.byteLength(JSON.stringify(json)) - 6;
}

/** Returns the bytes of texts together. */
export const bytesOfTexts = (texts: readonly string[], wording: FormWording): number =>
  texts.reduce((sum, text) => sum + bytesOfText(text, wording), 0);

/** Returns the most bytes that the sections of a list can take in all languages, on whatever pages they stand. */
export function bytesOfSections(
  languages: readonly (readonly Section[])[],
  wording: FormWording,
  list: List,
): number {
  const texts = languages.map((sections) => sections.map(({ text }) => text).join(SEPARATORS[list]));
  // Each page except the first may begin inside a section.
  const headings = languages.map((sections) =>
    Math.max(0, ...sections.map(({ continued }) => bytesOfText(`${continued}\n`, wording))),
  );
  return bytesOfTexts(texts, wording) + (PAGES[list] - 1) * headings.reduce((sum, bytes) => sum + bytes, 0);
}
