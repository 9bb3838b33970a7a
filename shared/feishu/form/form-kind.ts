/** How much a card of Feishu shows, from most to least (ADR 13). */
export const FORM_LEVELS = ['FULL', 'COMPACT', 'MINIMAL'] as const;
export type FormLevel = (typeof FORM_LEVELS)[number];
/** KEYS: each value is an i18n key with a text in each language. PLAIN: both languages stand in one text. */
export const FORM_WORDINGS = ['KEYS', 'PLAIN'] as const;
export type FormWording = (typeof FORM_WORDINGS)[number];
export interface FormKind {
  level: FormLevel;
  wording: FormWording;
}
