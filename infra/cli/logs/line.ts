import * as z from 'zod';

/** A line of a function's log that is JSON. `raw`: as it was logged. `at`: epoch milliseconds. */
export interface LogLine {
  at: number;
  raw: Readonly<Record<string, unknown>>;
}

/** The ids by which lines that do not name an issue belong to it (`About`). */
export const STORY_IDS = ['approvalId', 'instanceCode', 'correlationId'] as const;
export type StoryId = (typeof STORY_IDS)[number];
/** The id of an invocation, which its metrics have, too. */
export const REQUEST_ID = 'function_request_id';

const rawSchema = z.record(z.string(), z.unknown());
const metricSchema = z.object({ Timestamp: z.number() });

/**
 * Returns undefined for what is not a JSON object with a time, such as a stack trace.
 * @param at the time of the line, if it names none itself; epoch milliseconds
 */
export function parseLogLine(text: string, at?: number): LogLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const raw = rawSchema.safeParse(value).data;
  if (!raw) return undefined;
  const time = timeOf(raw) ?? at;
  return time === undefined || Number.isNaN(time) ? undefined : { at: time, raw };
}

function timeOf(raw: LogLine['raw']): number | undefined {
  const time = typeof raw.timestamp === 'string' ? Date.parse(raw.timestamp) : Number.NaN;
  return Number.isNaN(time) ? metricSchema.safeParse(raw._aws).data?.Timestamp : time;
}

/** Returns a member that is a text. */
export function textOf({ raw }: LogLine, member: string): string | undefined {
  const value = raw[member];
  return typeof value === 'string' ? value : undefined;
}

/** Whether the line holds metrics in the embedded metric format of CloudWatch. */
export const isMetric = ({ raw }: LogLine): boolean => '_aws' in raw;
