import * as z from 'zod';
import { invalidParameter, parseJsonString, parseOrRefuse, Refusal } from './refusal.ts';
import { keySchema, longKeySchema } from './texts.ts';

/** Widgets of a definition's form (docs/feishu.md 3.1): as a caller requests them, and as the platform stores them. */

const PLAIN_TYPES = [
  'input',
  'textarea',
  'number',
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

const shared = {
  id: z.string().min(1),
  name: keySchema,
  required: z.boolean().optional(),
  custom_id: z.string().min(1).optional(),
  printable: z.boolean().optional(),
};
const optionSchema = z.object({ key: z.string().min(1), text: keySchema });

const singleSchemas = [
  z.looseObject({ ...shared, type: z.enum(PLAIN_TYPES) }),
  z.looseObject({
    ...shared,
    type: z.literal('contact'),
    value: z.looseObject({ ignore: z.boolean().optional(), multi: z.boolean().optional() }),
  }),
  z.looseObject({
    ...shared,
    type: z.enum(['radio', 'radioV2', 'checkbox', 'checkboxV2']),
    value: z.array(optionSchema).min(1),
  }),
  z.looseObject({ ...shared, type: z.literal('date'), value: z.string().min(1) }),
  z.looseObject({ ...shared, type: z.literal('text'), value: longKeySchema }),
  z.looseObject({
    ...shared,
    type: z.literal('amount'),
    value: z.string().min(1),
    option: z.looseObject({
      currencyRange: z.array(z.string()).min(1),
      isCapital: z.boolean().optional(),
    }),
  }),
] as const;

const widgetSchema = z.union([
  ...singleSchemas,
  // Its children are in `value` (yunyingk/twc-approval-go-bridge, 2026-09), without lists and accounts.
  z.looseObject({
    ...shared,
    type: z.literal('fieldList'),
    value: z.array(z.union(singleSchemas)).min(1),
    option: z.looseObject({ inputType: z.string().optional(), printType: z.string().optional() }).optional(),
  }),
  z.looseObject({ ...shared, type: z.literal('account') }),
]);
/** A widget as a caller requests it. */
export type RequestedWidget = z.infer<typeof widgetSchema>;

/** A widget as the platform stores it. */
export interface Widget {
  /** The id of the platform, a new one after each write of the definition. */
  id: string;
  /** The `custom_id` of the request, else its `id`: does not change with writes. */
  customId: string;
  type: RequestedWidget['type'];
  name: string;
  required: boolean;
  printable: boolean;
  options: z.infer<typeof optionSchema>[];
  /** Further fields that GET returns, as recorded. */
  settings: Record<string, unknown>;
  children: Widget[];
}

/** Parses `form_content`. Refuses widgets that the definition API cannot create, and duplicate ids. */
export function readWidgets(formContent: string): RequestedWidget[] {
  const json = parseJsonString(formContent, () => invalidParameter('form.form_content is not JSON'));
  const list = parseOrRefuse(z.array(z.unknown()).min(1), json, invalidParameter);
  const widgets = list.map((entry, index) => {
    refuseNilContact(entry);
    const widget = widgetSchema.safeParse(entry);
    if (!widget.success) throw invalidParameter(`form.form_content, widget ${index + 1} is invalid`);
    return widget.data;
  });
  const ids = widgetIdsOf(widgets);
  if (new Set(ids).size !== ids.length) throw invalidParameter('form.form_content: duplicate widget id');
  return widgets;
}

const withValueSchema = z.looseObject({ type: z.string(), value: z.unknown().optional() });

/** Recorded by yunyingk/twc-approval-go-bridge in 2026-09, although the documentation calls `value` optional. */
function refuseNilContact(entry: unknown): void {
  const { type, value } = withValueSchema.safeParse(entry).data ?? {};
  if (type === 'contact' && (value === undefined || value === null)) {
    throw new Refusal(400, 1390001, 'widget contact value can not be nil');
  }
  if (type === 'fieldList' && Array.isArray(value)) value.forEach(refuseNilContact);
}

const childrenOf = (asked: RequestedWidget): RequestedWidget[] =>
  asked.type === 'fieldList' ? asked.value : [];

/** Returns all ids of the caller, both kinds, also those of children. */
export const widgetIdsOf = (widgets: readonly RequestedWidget[]): string[] =>
  widgets.flatMap((asked) => [
    asked.id,
    ...(asked.custom_id === undefined ? [] : [asked.custom_id]),
    ...widgetIdsOf(childrenOf(asked)),
  ]);

/** Returns all i18n keys in the widgets of a form. */
export const keysOfWidgets = (widgets: readonly RequestedWidget[]): string[] =>
  widgets.flatMap((asked) => [
    asked.name,
    ...optionsOf(asked).map(({ text }) => text),
    ...(asked.type === 'text' ? [asked.value] : []),
    ...keysOfWidgets(childrenOf(asked)),
  ]);

function optionsOf(asked: RequestedWidget): Widget['options'] {
  switch (asked.type) {
    case 'radio':
    case 'radioV2':
    case 'checkbox':
    case 'checkboxV2':
      return asked.value;
    default:
      return [];
  }
}

/**
 * Gives every widget an id of the platform: `widget`, ten digits of `stamp` (seconds) and a number, as in
 * `widget17907391971` (yunyingk/twc-approval-go-bridge, 2026-09) and `widget16681556660` (bytebase b177c8f777, 2022-11).
 */
export function assignWidgetIds(widgets: readonly RequestedWidget[], stamp: number): Widget[] {
  let given = 0;
  const keep = (asked: RequestedWidget): Widget => {
    const id = `widget${String(stamp).padStart(10, '0')}${given}`;
    given += 1;
    return {
      id,
      customId: asked.custom_id ?? asked.id,
      type: asked.type,
      name: asked.name,
      required: asked.required ?? false,
      printable: asked.printable ?? true,
      options: optionsOf(asked),
      settings: settingsOf(asked),
      children: childrenOf(asked).map(keep),
    };
  };
  return widgets.map(keep);
}

const NO_DATE_CHECK = { dateCheckEnd: 0, dateCheckStart: 0, dateCheckType: 0 };

function settingsOf(asked: RequestedWidget): Record<string, unknown> {
  switch (asked.type) {
    case 'contact':
      return {
        option: { ignore: asked.value.ignore ?? false, multi: asked.value.multi ?? false, range: [1] },
      };
    case 'date':
      return { value: asked.value, option: NO_DATE_CHECK, options: NO_DATE_CHECK };
    case 'amount': {
      const { currencyRange, isCapital = false } = asked.option;
      return { option: { currencyRange, isCapital } };
    }
    case 'attachmentV2':
      return { option: null };
    case 'fieldList': {
      const { inputType = 'LIST', printType = 'LIST' } = asked.option ?? {};
      return { option: { input_type: inputType, mobile_detail_type: 'CARD', print_type: printType } };
    }
    default:
      return {};
  }
}

/** Finds a widget by the id of the platform, or by that of the caller. */
export const findWidget = (widgets: readonly Widget[], id: string): Widget | undefined =>
  widgets.find((widget) => widget.id === id) ?? widgets.find((widget) => widget.customId === id);
