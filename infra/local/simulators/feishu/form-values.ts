import * as z from 'zod';
import { invalidParameter, parseJsonString, parseOrRefuse } from './refusal.ts';
import { isKey } from './texts.ts';
import { findWidget, type Widget } from './widgets.ts';

/** The values of widgets in an instance (docs/feishu.md 3.3, 3.4). */

const valueSchema = z.looseObject({ id: z.string().min(1), type: z.string().min(1), value: z.unknown() });
/** After the form was read, `id` is that of the platform. */
export type WidgetValue = z.infer<typeof valueSchema>;

/** Parses an instance's `form` against its definition. A widget may be missing, but not be present without a value. */
export function readForm(form: string, widgets: readonly Widget[]): WidgetValue[] {
  const json = parseJsonString(form, () => invalidParameter('form is not a JSON string'));
  const values = parseOrRefuse(z.array(valueSchema), json, (message) => invalidParameter(`form: ${message}`));
  return readValues(values, widgets);
}

function readValues(values: readonly WidgetValue[], widgets: readonly Widget[]): WidgetValue[] {
  const seen = new Set<string>();
  return values.map((given) => {
    const widget = findWidget(widgets, given.id);
    if (!widget) throw invalidParameter(`form: unknown widget, 控件=${given.id}`);
    const refuse = (why: string) => invalidParameter(`form: ${why}, 控件=${widget.id}`);
    if (seen.has(widget.id)) throw refuse('duplicate widget');
    seen.add(widget.id);
    if (widget.type !== given.type) throw refuse('widget has another type');
    if (!isValueOf(widget, given)) throw refuse('widget has no valid value');
    if (widget.type !== 'fieldList') return { ...given, id: widget.id };
    return { ...given, id: widget.id, value: rowsOf(given).map((row) => readValues(row, widget.children)) };
  });
}

const rowsSchema = z.array(z.array(valueSchema)).min(1);

/** Returns the rows of a `fieldList`, and none for other widgets. */
export const rowsOf = ({ type, value }: WidgetValue): WidgetValue[][] =>
  type === 'fieldList' ? (rowsSchema.safeParse(value).data ?? []) : [];

/** Returns the values that are i18n keys; only input and textarea may have them (docs/feishu.md 3.3). */
export const valuesWithKeys = (values: readonly WidgetValue[]): { id: string; key: string }[] =>
  values.flatMap((given) => {
    const { id, type, value } = given;
    const mayBeKey = type === 'input' || type === 'textarea';
    if (mayBeKey && typeof value === 'string' && isKey(value)) return [{ id, key: value }];
    return rowsOf(given).flatMap(valuesWithKeys);
  });

const strings = z.array(z.string().min(1)).min(1);

function isValueOf(widget: Widget, given: WidgetValue): boolean {
  const accepts = (schema: z.ZodType) => schema.safeParse(given.value).success;
  const options = widget.options.map(({ key }) => key);
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
      return accepts(z.enum(options));
    case 'checkbox':
    case 'checkboxV2':
      return accepts(z.array(z.enum(options)).min(1));
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
    case 'fieldList':
      return accepts(rowsSchema);
    // The instance API accepts no value for these (`address`: yunyingk/twc-approval-go-bridge, 2026-09).
    case 'text':
    case 'account':
    case 'address':
      return false;
    default:
      return widget.type satisfies never;
  }
}
