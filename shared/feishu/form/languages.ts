import { type Locale, MESSAGES } from '../message-tables.ts';
import type { CardWords } from '../messages.ts';
import { BOTH } from '../messages-both.ts';
import type { FormWording } from './form-kind.ts';

export interface Language {
  /** Of the i18n resource; the text itself is sent where there is one language only. */
  locale: Locale;
  words: CardWords;
}

/** What each text of a card is written in: with KEYS once for each locale, with PLAIN once for all readers. */
export const LANGUAGES: Record<FormWording, readonly Language[]> = {
  KEYS: [
    { locale: 'zh-CN', words: MESSAGES['zh-CN'] },
    { locale: 'en-US', words: MESSAGES['en-US'] },
  ],
  PLAIN: [{ locale: 'zh-CN', words: BOTH }],
};
