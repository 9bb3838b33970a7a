/** How much a card shows, from most to least (ADR 13). */
export const FORM_LEVELS = ['FULL', 'COMPACT', 'MINIMAL'] as const;
export type FormLevel = (typeof FORM_LEVELS)[number];
/** KEYS: each value is an i18n key with a text in each language. PLAIN: each value is one text in both languages. */
export const FORM_WORDINGS = ['KEYS', 'PLAIN'] as const;
export type FormWording = (typeof FORM_WORDINGS)[number];
export interface FormKind {
  level: FormLevel;
  wording: FormWording;
}
