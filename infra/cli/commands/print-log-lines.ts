import * as z from 'zod';
import type { Context } from '../context.ts';
import { isMetric, type LogLine, textOf } from '../logs/line.ts';

/** Members that are printed first, in this order. All others follow as they were logged. */
const FIRST = [
  'approvalId',
  'instanceCode',
  'eventId',
  'correlationId',
  'messageId',
  'nodeId',
  'testId',
  'subject',
  'state',
  'code',
  'reason',
];
/** Members that stand in front of the others, or say nothing about the issue. */
const LEFT_OUT = new Set([
  'timestamp',
  'level',
  'service',
  'function_name',
  'message',
  'function_request_id',
  'xray_trace_id',
  '_aws',
  'error',
]);
/** In characters; --json prints all. */
const MOST_OF_A_VALUE = 200;

/** Prints one line for each: time in UTC, function, level, message, and members as name=value. */
export function printLogLines(
  { print, paint }: Pick<Context, 'print' | 'paint'>,
  lines: readonly LogLine[],
  issueId: string,
): void {
  const width = Math.max(0, ...lines.map((line) => functionOf(line).length));
  for (const line of lines) {
    const { time, name, level, message, members } = describeLogLine(line, issueId);
    const style = level === 'ERROR' || level === 'CRITICAL' ? 'red' : level === 'WARN' ? 'yellow' : undefined;
    const head = `${name.padEnd(width)}  ${style ? paint(style, level.padEnd(6)) : level.padEnd(6)}`;
    print(`${paint('dim', time)}  ${head}  ${[message, ...members].join('  ')}`.trimEnd());
  }
}

const functionOf = (line: LogLine): string =>
  escapeControls(textOf(line, 'function_name') ?? textOf(line, 'service') ?? '-');

/** Returns the parts of a printed line. Control characters are escaped: ids come from outside. */
function describeLogLine(line: LogLine, issueId: string) {
  const { raw } = line;
  const about = raw.issueId === issueId ? new Set([...LEFT_OUT, 'issueId']) : LEFT_OUT;
  const names = [...FIRST, ...Object.keys(raw).filter((name) => !FIRST.includes(name))].filter(
    (name) => name in raw && !about.has(name),
  );
  const members = names.map((name) => `${nameText(name)}=${valueText(raw[name])}`);
  return {
    time: new Date(line.at).toISOString(),
    name: functionOf(line),
    level: isMetric(line) ? 'METRIC' : escapeControls(textOf(line, 'level') ?? '-'),
    message: escapeControls(textOf(line, 'message') ?? ''),
    members: [...members, ...errorTexts('error', raw.error)],
  };
}

/** What `describeError` logs. */
const errorSchema = z.looseObject({ name: z.string(), cause: z.unknown().optional() });

/** Returns an error and its causes, each with its name and what else was logged of it. */
function errorTexts(name: string, error: unknown): string[] {
  if (error === undefined) return [];
  const described = errorSchema.safeParse(error).data;
  if (!described) return [`${name}=${valueText(error)}`];
  const { name: kind, cause, ...rest } = described;
  const details = Object.entries(rest).map(([key, value]) => `${nameText(key)}=${valueText(value)}`);
  return [[`${name}=${valueText(kind)}`, ...details].join(' '), ...errorTexts('cause', cause)];
}

/** A text that cannot be taken for several members. */
const PLAIN = /^[\p{L}\p{N}_.:/@#+-]+$/u;

function valueText(value: unknown): string {
  const text = typeof value === 'string' && PLAIN.test(value) ? value : escapeControls(JSON.stringify(value));
  const characters = [...text];
  return characters.length <= MOST_OF_A_VALUE ? text : `${characters.slice(0, MOST_OF_A_VALUE).join('')}…`;
}

const nameText = (name: string): string => (PLAIN.test(name) ? name : escapeControls(JSON.stringify(name)));

/** Writes what could control a terminal, or end the line, as JSON does. */
const escapeControls = (text: string): string =>
  text.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
