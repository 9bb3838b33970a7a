import { type Locale, MESSAGES } from '../message-tables.ts';
import type { CardWords } from '../messages.ts';
import { BOTH } from '../messages-both.ts';
import type { FormWording } from './form-kind.ts';

export interface Language {
  /** Locale of the i18n resource. Not used with PLAIN. */
  locale: Locale;
  words: CardWords;
}

/** The languages of each text of a card: with KEYS one for each locale, with PLAIN one for all readers. */
export const LANGUAGES: Record<FormWording, readonly Language[]> = {
  KEYS: [
    { locale: 'zh-CN', words: MESSAGES['zh-CN'] },
    { locale: 'en-US', words: MESSAGES['en-US'] },
  ],
  PLAIN: [{ locale: 'zh-CN', words: BOTH }],
};
