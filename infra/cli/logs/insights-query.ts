import { STORY_IDS, type StoryId } from './line.ts';
import type { StoryIds } from './story.ts';

/** The most lines that a query of CloudWatch Logs Insights returns. */
export const MOST_LINES = 10_000;
/** StartQuery accepts 10,000 characters (CloudWatch Logs API reference). */
const MOST_CHARACTERS = 9_000;
const MOST_QUERIES = 5;

/**
 * Characters that have no meaning inside a string of a query. The escapes of the query language are not documented, and
 * ids come from outside: an id with any other character is never written whole.
 */
const PLAIN = '[\\p{L}\\p{N} _.:@/=+-]+';
const IS_PLAIN = new RegExp(`^${PLAIN}$`, 'u');
const PLAIN_RUNS = new RegExp(PLAIN, 'gu');

/** Metrics are printed as JSON with this member; in a text of ours its quotes would be escaped. */
const NO_METRICS = '@message not like /"CloudWatchMetrics"/';

interface Options {
  metrics: boolean;
}

/** Returns the query for the lines that name an issue. It may also find lines of other issues. */
export const queryOfIssue = (issueId: string, options: Options): string =>
  query([isOneOf('issueId', [issueId])], options);

/**
 * Returns the queries for the lines that name no issue and have one of these ids. They may also find other lines.
 * `left`: the number of ids that are in no query, because there are too many.
 */
export function queriesOfIds(ids: StoryIds, options: Options): { queries: string[]; left: number } {
  const entries = STORY_IDS.flatMap((kind) => ids[kind].map((value) => ({ kind, value })));
  const groups: (typeof entries)[] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const [index, entry] of entries.entries()) {
    // Longer than its part of the query: that part has the name of the field at most once.
    const needs = isOneOf(entry.kind, [entry.value]).length + OR.length;
    if (length + needs > MOST_CHARACTERS) {
      if (groups.length === MOST_QUERIES)
        return { queries: queriesOf(groups, options), left: entries.length - index };
      groups.push([]);
      length = 0;
    }
    groups.at(-1)?.push(entry);
    length += needs;
  }
  return { queries: queriesOf(groups, options), left: 0 };
}

const queriesOf = (groups: readonly { kind: StoryId; value: string }[][], options: Options): string[] =>
  groups.map((entries) => {
    const conditions = STORY_IDS.flatMap((kind) => {
      const values = entries.filter((entry) => entry.kind === kind).map(({ value }) => value);
      return values.length === 0 ? [] : [isOneOf(kind, values)];
    });
    return query(['not ispresent(issueId)', `(${conditions.join(OR)})`], options);
  });

const OR = ' or ';

/** The condition for one of these values. It also holds for other values if one has characters that are not plain. */
function isOneOf(field: string, values: readonly string[]): string {
  const plain = values.filter((value) => IS_PLAIN.test(value)).map(inQuotes);
  const others = values.filter((value) => !IS_PLAIN.test(value)).map((value) => isLike(field, value));
  return [...(plain.length > 0 ? [`${field} in [${plain.join(', ')}]`] : []), ...others].join(OR);
}

/** The condition for values that hold every plain part of this one. */
function isLike(field: string, value: string): string {
  const parts = value.match(PLAIN_RUNS) ?? [];
  if (parts.length === 0) return `ispresent(${field})`;
  return `(${parts.map((part) => `${field} like ${inQuotes(part)}`).join(' and ')})`;
}

const inQuotes = (plain: string): string => `"${plain}"`;

function query(conditions: readonly string[], { metrics }: Options): string {
  const all = metrics ? conditions : [...conditions, NO_METRICS];
  return [
    'fields @timestamp, @message',
    ...all.map((condition) => `filter ${condition}`),
    // The newest lines are kept if there are too many.
    'sort @timestamp desc',
    `limit ${MOST_LINES}`,
  ].join(' | ');
}
