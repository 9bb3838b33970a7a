import { escapeLine } from './form/foreign-text.ts';
import { showTitle } from './form/show-name.ts';
import { MESSAGES } from './message-tables.ts';
import type { Messages } from './messages.ts';

/** How long a title is at most, in code points: a chat shows the beginning of a message. */
const TITLE_LIMIT = 60;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Waiting {
  /** Titles as people wrote them. */
  issue: string;
  stage: string;
  /** Opens the issue in Frabit. */
  url: string;
  waitedMs: number;
}

/**
 * What a reminder says, one line a language and the link. Never SQL: a message stands in a chat, and Feishu refuses
 * what its data protection takes for confidential (docs/feishu.md 6.1, 230028).
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

/** A text message knows tags and links: in a title they would call people, or lead somewhere else than they say. */
const WIDE = { '<': '＜', '>': '＞', '[': '［', ']': '］' } as const satisfies Record<string, string>;

const plain = (title: string): string =>
  Object.entries(WIDE).reduce((text, [character, wide]) => text.replaceAll(character, wide), title);
