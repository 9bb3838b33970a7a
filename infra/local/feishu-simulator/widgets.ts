import * as z from 'zod';
import { invalidParameter, parseJsonString, parseOrRefuse } from './refusal.ts';
import { isKey, keySchema } from './texts.ts';

/** Widgets of a definition's form and the values an instance may give them (FEISHU 3.1, 3.3, 3.4). */

const PLAIN_TYPES = [
  'input',
  'textarea',
  'number',
  'contact',
  'department',
  'connect',
  'document',
  'attachmentV2',
  'image',
  'imageV2',
  'dateInterval',
  'telephone',
  'address',
] as const;
/** Instance APIs take no value for these. */
const NOT_IN_INSTANCES = ['text', 'account'];

const shared = {
  id: z.string().min(1),
  name: keySchema,
  required: z.boolean().optional(),
  custom_id: z.string().min(1).optional(),
  printable: z.boolean().optional(),
};
const optionSchema = z.object({ key: z.string().min(1), text: keySchema });

const widgetSchema = z.union([
  z.looseObject({ ...shared, type: z.enum(PLAIN_TYPES) }),
  z.looseObject({
    ...shared,
    type: z.enum(['radio', 'radioV2', 'checkbox', 'checkboxV2']),
    value: z.array(optionSchema).min(1),
  }),
  z.looseObject({ ...shared, type: z.literal('date'), value: z.string().min(1) }),
  z.looseObject({ ...shared, type: z.literal('text'), value: keySchema }),
  z.looseObject({ ...shared, type: z.literal('amount'), value: z.unknown(), option: z.unknown() }),
  z.looseObject({ ...shared, type: z.literal('fieldList'), children: z.array(z.unknown()) }),
  z.looseObject({ ...shared, type: z.literal('account') }),
]);
export type Widget = z.infer<typeof widgetSchema>;

/** Parses `form_content`; refuses what the definition API cannot create, and ids that stand twice. */
export function readWidgets(formContent: string): Widget[] {
  const json = parseJsonString(formContent, () => invalidParameter('form.form_content is not JSON'));
  const list = parseOrRefuse(z.array(z.unknown()).min(1), json, invalidParameter);
  const widgets = list.map((entry, index) => {
    const widget = widgetSchema.safeParse(entry);
    if (!widget.success) throw invalidParameter(`form.form_content, widget ${index + 1} is invalid`);
    return widget.data;
  });
  const ids = widgets.flatMap(({ id, custom_id }) => (custom_id === undefined ? [id] : [id, custom_id]));
  if (new Set(ids).size !== ids.length) throw invalidParameter('form.form_content: a widget id stands twice');
  return widgets;
}

/** Every i18n key that a form's widgets name. */
export const keysOfWidgets = (widgets: readonly Widget[]): string[] =>
  widgets.flatMap((widget) => [widget.name, ...optionsOf(widget).map(({ text }) => text), ...noteOf(widget)]);

const noteOf = (widget: Widget): string[] =>
  widget.type === 'text' && typeof widget.value === 'string' ? [widget.value] : [];

export function optionsOf(widget: Widget): z.infer<typeof optionSchema>[] {
  const options = z.array(optionSchema).safeParse(widget.value);
  return options.success ? options.data : [];
}

const valueSchema = z.looseObject({ id: z.string().min(1), type: z.string().min(1), value: z.unknown() });
export type WidgetValue = z.infer<typeof valueSchema>;

/** Parses an instance's `form` against its definition. A widget may be missing, but none may be there without a value. */
export function readForm(form: string, widgets: readonly Widget[]): WidgetValue[] {
  const json = parseJsonString(form, () => invalidParameter('form is not a JSON string'));
  const values = parseOrRefuse(z.array(valueSchema), json, (message) => invalidParameter(`form: ${message}`));
  const seen = new Set<string>();
  for (const value of values) {
    const widget = widgets.find(({ id, custom_id }) => id === value.id || custom_id === value.id);
    if (!widget) throw invalidParameter(`form: unknown widget, 控件=${value.id}`);
    if (seen.has(widget.id)) throw invalidParameter(`form: widget stands twice, 控件=${value.id}`);
    seen.add(widget.id);
    if (widget.type !== value.type) throw invalidParameter(`form: widget has another type, 控件=${value.id}`);
    if (NOT_IN_INSTANCES.includes(widget.type))
      throw invalidParameter(`form: not supported, 控件=${value.id}`);
    if (!isValueOf(widget, value))
      throw invalidParameter(`form: widget has no valid value, 控件=${value.id}`);
  }
  return values;
}

/** The i18n keys that values use; only input and textarea may (FEISHU 3.3). */
export const keysOfForm = (values: readonly WidgetValue[]): string[] =>
  values.flatMap(({ type, value }) =>
    (type === 'input' || type === 'textarea') && typeof value === 'string' && isKey(value) ? [value] : [],
  );

const strings = z.array(z.string().min(1)).min(1);

function isValueOf(widget: Widget, given: WidgetValue): boolean {
  const accepts = (schema: z.ZodType) => schema.safeParse(given.value).success;
  switch (widget.type) {
    case 'input':
    case 'textarea':
      return accepts(z.string().min(1));
    case 'number':
      return accepts(z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)]));
    case 'amount':
      return accepts(z.number()) && typeof given.currency === 'string';
    case 'date':
      return accepts(z.iso.datetime({ offset: true }));
    case 'dateInterval':
      return accepts(
        z.object({
          start: z.iso.datetime({ offset: true }),
          end: z.iso.datetime({ offset: true }),
          interval: z.number(),
        }),
      );
    case 'radio':
    case 'radioV2':
      return accepts(z.enum(optionsOf(widget).map(({ key }) => key)));
    case 'checkbox':
    case 'checkboxV2':
      return accepts(z.array(z.enum(optionsOf(widget).map(({ key }) => key))).min(1));
    case 'contact':
      return accepts(strings) || strings.safeParse(given.open_ids).success;
    case 'department':
      return accepts(z.array(z.object({ open_id: z.string().startsWith('od-') })).min(1));
    case 'connect':
    case 'attachmentV2':
    case 'image':
    case 'imageV2':
      return accepts(strings);
    case 'document':
      return accepts(z.object({ token: z.string().min(1), type: z.literal('docx') }));
    case 'telephone':
      return accepts(z.object({ countryCode: z.string(), nationalNumber: z.string().min(1) }));
    case 'address':
      return accepts(z.array(z.object({ id: z.union([z.string(), z.number()]) })).min(1));
    case 'fieldList':
      return accepts(z.array(z.array(valueSchema)).min(1));
    case 'text':
    case 'account':
      return false;
    default:
      return widget satisfies never;
  }
}
