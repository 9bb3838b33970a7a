import * as z from 'zod';
import { buildDefinition } from '../../../../shared/feishu/definition.ts';
import type { InstanceForm } from '../../../../shared/feishu/form/build-form.ts';
import type { I18nResource } from '../../../../shared/feishu/gateway.ts';
import { sha256 } from '../../../../shared/runtime/sha256.ts';

export type Locale = I18nResource['locale'];

export interface SeenField {
  id: string;
  label: string;
  value: string;
}

export interface SeenForm {
  title: string;
  fields: SeenField[];
}

const widgetsSchema = z.array(
  z.strictObject({ id: z.string().min(1), type: z.enum(['input', 'textarea']), value: z.string().min(1) }),
);
const labelsSchema = z.array(z.object({ id: z.string(), type: z.string(), name: z.string() }));

/** Reads a form as Feishu shows it: labels of the definition, values as texts or through the instance's keys. */
export function readForm(sent: InstanceForm, locale: Locale): SeenForm {
  const definition = buildDefinition();
  const labels = labelsSchema.parse(JSON.parse(definition.form.form_content));
  const fields = widgetsSchema.parse(JSON.parse(sent.form)).map(({ id, type, value }) => {
    const widget = labels.find((label) => label.id === id);
    if (widget?.type !== type) throw new Error(`the definition has no ${type} ${id}`);
    return {
      id,
      label: resolve(widget.name, definition.i18n_resources, locale),
      value: resolve(value, sent.i18nResources, locale),
    };
  });
  return { title: resolve(sent.title, sent.i18nResources, locale), fields };
}

/** Like Feishu: a text with the prefix is a key, which must have a text. Any other text is shown itself. */
function resolve(text: string, resources: readonly I18nResource[], locale: Locale): string {
  if (!text.startsWith('@i18n@')) return text;
  if (text.length < 9) throw new Error(`${text} is too short for a key`);
  const found = resources
    .find((resource) => resource.locale === locale)
    ?.texts.find(({ key }) => key === text);
  if (!found) throw new Error(`${text} is not resolved in ${locale}`);
  return found.value;
}

/** Returns all that a person reads, in one text. It shortens the middle of a very long value. */
export function printForm({ title, fields }: SeenForm): string {
  return [title, ...fields.map(({ label, value }) => `【${label}】\n${abbreviate(value)}`)]
    .join('\n\n')
    .concat('\n');
}

/** Shortens a text and adds its hash, so that every change shows. */
function abbreviate(value: string): string {
  const lines = value.split('\n');
  if (lines.length <= 100) return value;
  const middle = lines.slice(12, -6).join('\n');
  return [
    ...lines.slice(0, 12),
    `[… ${lines.length - 18} lines, SHA-256 ${sha256(middle)} …]`,
    ...lines.slice(-6),
  ].join('\n');
}

export const textOfField = (form: SeenForm, id: string): string =>
  form.fields.find((field) => field.id === id)?.value ?? '';

/** Returns the values and the title, without labels. */
export const allValues = (form: SeenForm): string =>
  [form.title, ...form.fields.map(({ value }) => value)].join('\n');

/** Undoes escapes. */
export const unescapeText = (text: string): string =>
  text.replace(/\\u\{([0-9A-F]+)\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
