import { escapeLine } from './form/foreign-text.ts';
import { showTitle } from './form/show-name.ts';
import { MESSAGES } from './message-tables.ts';
import type { Messages } from './messages.ts';

/** The maximum length of a title in code points. A chat shows only the beginning of a message. */
const TITLE_LIMIT = 60;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Waiting {
  /** Titles as people wrote them, unescaped. */
  issue: string;
  stage: string;
  /** The page of the issue in Frabit. */
  url: string;
  waitedMs: number;
}

/**
 * Returns the text of a reminder: one line for each language, and the link. It never contains SQL, because it stands in
 * a chat, and because Feishu's data protection may refuse it (docs/feishu.md 6.1, 230028).
 */
export function reminderText({ issue, stage, url, waitedMs }: Waiting): string {
  const lines = [MESSAGES['zh-CN'], MESSAGES['en-US']].map(({ reminder, form }) =>
    reminder.text({
      issue: plain(showTitle(issue, form, TITLE_LIMIT)),
      stage: plain(showTitle(stage, form, TITLE_LIMIT)),
      waited: howLong(waitedMs, reminder),
    }),
  );
  return [...lines, escapeLine(url)].join('\n');
}

function howLong(ms: number, words: Messages['reminder']): string {
  if (ms < HOUR) return words.minutes(Math.max(1, Math.floor(ms / MINUTE)));
  return ms < 2 * DAY ? words.hours(Math.floor(ms / HOUR)) : words.days(Math.floor(ms / DAY));
}

/** Text messages have tags and links. In a title they could mention people or hide where a link leads. */
const WIDE = { '<': '＜', '>': '＞', '[': '［', ']': '］' } as const satisfies Record<string, string>;

const plain = (title: string): string =>
  Object.entries(WIDE).reduce((text, [character, wide]) => text.replaceAll(character, wide), title);
