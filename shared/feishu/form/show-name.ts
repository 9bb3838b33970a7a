import type { FormWords } from '../messages.ts';
import { cutAfter, escapeLine, isBlank } from './foreign-text.ts';

/** The maximum length of a name or title in a list, in code points. */
export const NAME_LIMIT = 200;

/** Shows a name or title that people wrote: escaped, on one line, never blank, and with a note if it is cut. */
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
