import { REQUEST_ID, STORY_IDS } from './line.ts';
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
const METRICS = '@message like /"CloudWatchMetrics"/';
const NO_METRICS = '@message not like /"CloudWatchMetrics"/';

export interface Queries {
  queries: string[];
  /** The number of ids that are in no query, because there are too many. */
  left: number;
}

/** Returns the query for the lines that name an issue. It may also find lines of other issues. */
export const queryOfIssue = (issueId: string): string => query([isOneOf('issueId', [issueId]), NO_METRICS]);

/** Returns the queries for the lines that name no issue and have one of these ids. They may also find other lines. */
export const queriesOfIds = (ids: StoryIds): Queries =>
  queriesOf(
    STORY_IDS.flatMap((field) => ids[field].map((value) => ({ field, value }))),
    ['not ispresent(issueId)', NO_METRICS],
  );

/** Returns the queries for the metrics of invocations. They may also find others. */
export const queriesOfMetrics = (requestIds: readonly string[]): Queries =>
  queriesOf(
    requestIds.map((value) => ({ field: REQUEST_ID, value })),
    [METRICS],
  );

interface Entry {
  field: string;
  value: string;
}

function queriesOf(entries: readonly Entry[], conditions: readonly string[]): Queries {
  const groups: Entry[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    // At least as long as its part of the query, in which the name of the field may stand once for many ids.
    const needs = isOneOf(entry.field, [entry.value]).length + OR.length;
    if (length + needs > MOST_CHARACTERS) {
      if (groups.length === MOST_QUERIES) break;
      groups.push([]);
      length = 0;
    }
    groups.at(-1)?.push(entry);
    length += needs;
  }
  return {
    queries: groups.map((group) => query([...conditions, `(${isOneOfEntries(group)})`])),
    left: entries.length - groups.flat().length,
  };
}

const isOneOfEntries = (entries: readonly Entry[]): string =>
  [...Map.groupBy(entries, ({ field }) => field)]
    .map(([field, group]) =>
      isOneOf(
        field,
        group.map(({ value }) => value),
      ),
    )
    .join(OR);

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

const query = (conditions: readonly string[]): string =>
  [
    'fields @timestamp, @message',
    ...conditions.map((condition) => `filter ${condition}`),
    // The newest lines are kept if there are too many.
    'sort @timestamp desc',
    `limit ${MOST_LINES}`,
  ].join(' | ');
