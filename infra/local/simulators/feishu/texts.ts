import * as z from 'zod';

/** i18n of the approval API (docs/feishu.md 3.1): keys that start with `@i18n@`. */
export const LOCALES = ['zh-CN', 'en-US', 'ja-JP'] as const;
export type Locale = (typeof LOCALES)[number];

export const isKey = (text: string) => text.startsWith('@i18n@');
/** A key such as `@i18n@1`, for widget names, option texts and instance titles (docs/feishu.md 3.1, recorded). */
export const keySchema = z
  .string()
  .startsWith('@i18n@', 'an i18n key starts with @i18n@')
  .min(7, 'an i18n key has a name');
/**
 * A key of at least 9 characters, for names and description of a definition,
 * nodes and text widgets (docs/feishu.md 3.1).
 */
export const longKeySchema = keySchema.min(9, 'this i18n key needs at least 9 characters');

export const resourcesSchema = z
  .array(
    z.object({
      locale: z.enum(LOCALES),
      is_default: z.boolean(),
      texts: z.array(z.object({ key: keySchema, value: z.string() })),
    }),
  )
  .min(1)
  .refine(
    (list) => list.filter((entry) => entry.is_default).length === 1,
    'exactly one locale is the default',
  )
  .refine((list) => new Set(list.map((entry) => entry.locale)).size === list.length, 'duplicate locale');
export type Resources = z.infer<typeof resourcesSchema>;

/** Returns the first key without a text in the default locale: such a body is refused (docs/feishu.md 12.14). */
export function findUnresolvedKey(resources: Resources, keys: readonly string[]): string | undefined {
  const texts = resources.find((entry) => entry.is_default)?.texts ?? [];
  return keys.find((key) => !texts.some((text) => text.key === key));
}

/** Returns a text in `locale`, else in the default locale. Text that is not a key stays as it is. */
export function resolveText(resources: Resources, locale: Locale, text: string): string {
  if (!isKey(text)) return text;
  const inOrder = [
    ...resources.filter((entry) => entry.locale === locale),
    ...resources.filter((entry) => entry.is_default),
  ];
  for (const { texts } of inOrder) {
    const found = texts.find(({ key }) => key === text);
    if (found) return found.value;
  }
  return text;
}

export const toLocale = (text: string | null | undefined): Locale | undefined =>
  LOCALES.find((locale) => locale.toLowerCase() === text?.toLowerCase());

export const defaultLocale = (resources: Resources): Locale =>
  resources.find((entry) => entry.is_default)?.locale ?? 'zh-CN';
