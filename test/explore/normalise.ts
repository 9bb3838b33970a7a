import { hash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { aboutOf, intern, NUMBER } from './intern.ts';
import { START, type State } from './state.ts';

/**
 * One state stands for all that differ in names only. Ids follow from their number already. Here it becomes START
 * again: times to come keep their distance, times that have passed become coarse. Positions in the stream and counters
 * that are only compared with one another become their rank, those that are only compared with what the same run has
 * read become 1.
 */
export function normalise(state: State): State {
  const numbers = new Map(numbersOf(state).map((number, at) => [number, numberAt(at + 1)]));
  const renamed = renumber(state, (number) => numbers.get(number) ?? number);
  return { ...renamed, tables: { ...renamed.tables, sequence: numbers.size } };
}

/** Equal for states that are one. */
export function hashOf({
  tables,
  stream,
  queue,
  past,
  sent,
  events,
  instances,
  history,
  rungAt,
  spare,
}: State): string {
  const lists = [tables.issues, tables.approvals, queue, past, events, instances, [history], [spare]];
  const names = [
    ...lists.map((list) => list.map((one) => aboutOf(one).name).join()),
    ...stream.map(({ position, record }) => `${position} ${aboutOf(record).name}`),
  ];
  return hash('md5', [tables.sequence, rungAt, ...names, ...sent].join('|'), 'base64');
}

/** The position of the `rank`-th change, as `test/simulation/dynamodb` writes it: the second has a digit more. */
export const numberAt = (rank: number): string => String(10n ** 21n - 2n + BigInt(rank));
export const rankAt = (number: string): number => Number(BigInt(number) - 10n ** 21n + 2n);

/** The positions in the stream that a state mentions, in order. */
export function numbersOf({ tables, stream, queue, past }: State): string[] {
  const told = [...tables.approvals, ...queue, ...past].flatMap((one) => aboutOf(one).numbers);
  return [...new Set([...told, ...stream.map(({ position }) => position)])].sort(
    (a, b) => a.length - b.length || (a < b ? -1 : 1),
  );
}

/** From 1, in order. */
function ranksOf(values: readonly number[]): Map<number, number> {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return new Map(sorted.map((value, at) => [value, at + 1]));
}

/** Its parts become those that are known already; positions stay. */
export const settle = (state: State): State => renumber(state, (number) => number);

/** Gives positions in the stream other names, which must keep their order, and all else its normal form. */
export function renumber(state: State, numberOf: (number: string) => string): State {
  const { now } = state;
  const approvals = state.tables.approvals.filter(({ key }) => !LEFT_OUT.test(key.partition));
  const arrivals = ranksOf(
    approvals.flatMap(({ attributes: { arrival } }) => (arrival?.N ? [Number(arrival.N)] : [])),
  );
  const names: Names = { now, numberOf, arrivalOf: (arrival) => arrivals.get(arrival) ?? arrival };
  const renamed = <T extends object>(value: T) => rename(value, names);
  return {
    tables: {
      ...state.tables,
      issues: state.tables.issues.map(renamed),
      approvals: approvals.map(renamed),
    },
    stream: state.stream.map(({ position, record }) => ({
      position: numberOf(position),
      record: renamed(record),
    })),
    queue: state.queue.map((one) =>
      renamed(now === START ? one : { ...one, visibleAt: Math.max(START, one.visibleAt - now + START) }),
    ),
    past: state.past.map(renamed),
    sent: state.sent,
    events: state.events.toSorted((a, b) => (a.instanceCode < b.instanceCode ? -1 : 1)).map(intern),
    instances: state.instances.map(renamed),
    history: intern(state.history),
    rungAt: state.rungAt,
    spare: intern(state.spare),
    now: START,
  };
}

/** The pace of calls and the walk's place are no part of a world in which one issue makes few calls. */
const LEFT_OUT = /^(PACE#|SWEEP$)/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** Ages that make a difference to the code: minutes of lag, a ring untold, an hour of setbacks, a long search, a day. */
const AGES_MS = [60_000, 300_000, 600_000, 3_600_000, 4_260_000, 86_400_000];

interface Names {
  now: number;
  numberOf: (number: string) => string;
  arrivalOf: (arrival: number) => number;
}

/** What is in its normal form but for positions and arrivals, by what it was. */
const settled = new WeakMap<object, object>();

function rename<T extends object>(value: T, names: Names): T {
  if (names.now !== START) return intern(renameAll(value, names) as T);
  let result = settled.get(value) as T | undefined;
  if (!result) {
    result = intern(renameAll(value, SAME) as T);
    settled.set(value, result);
    settled.set(result, result);
  }
  const arrival = arrivalIn(result);
  const isSame = arrival === undefined || names.arrivalOf(arrival) === arrival;
  if (isSame && aboutOf(result).numbers.every((number) => names.numberOf(number) === number)) return result;
  return intern(renameAll(result, names) as T);
}

const SAME: Names = { now: START, numberOf: (number) => number, arrivalOf: (arrival) => arrival };

function arrivalIn(value: object): number | undefined {
  const { attributes } = value as { attributes?: Record<string, AttributeValue> };
  return attributes?.arrival?.N === undefined ? undefined : Number(attributes.arrival.N);
}

function renameAll(value: unknown, names: Names): unknown {
  if (typeof value === 'string') return renameText(value, names);
  if (!(value instanceof Object) || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((one) => renameAll(one, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, counterIn(name, one, names) ?? renameAll(one, names)]),
  );
}

function renameText(text: string, { now, numberOf }: Names): string {
  if (text.length === 24 && TIME.test(text)) {
    const ahead = Date.parse(text) - now;
    const age = AGES_MS.findLast((one) => -ahead >= one) ?? 0;
    return new Date(START + (ahead > 0 ? ahead : -age)).toISOString();
  }
  return text.replace(NUMBER, numberOf);
}

function counterIn(name: string, value: AttributeValue, { arrivalOf }: Names): AttributeValue | undefined {
  if (value?.N === undefined) return undefined;
  if (name === 'revision') return { N: '1' };
  return name === 'arrival' ? { N: String(arrivalOf(Number(value.N))) } : undefined;
}
