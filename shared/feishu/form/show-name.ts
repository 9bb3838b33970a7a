import type { FormWords } from '../messages.ts';
import { cutAfter, escapeLine, isBlank } from './foreign-text.ts';

/** How long a name or title is at most among others, in code points. */
export const NAME_LIMIT = 200;

/** A name or title that people gave, on one line, never blank; says so if it was cut. */
export function showName(
  name: string,
  words: FormWords,
  { limit = NAME_LIMIT, blank = words.empty }: { limit?: number; blank?: string } = {},
): string {
  const { text, shown, total } = cutAfter(name, limit);
  const escaped = escapeLine(text);
  return `${isBlank(escaped) ? blank : escaped}${shown < total ? words.shortened(shown, total) : ''}`;
}

export const showTitle = (title: string, words: FormWords, limit = NAME_LIMIT): string =>
  showName(title, words, { limit, blank: words.untitled });
