import { hash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { factsOf, intern, STREAM_POSITION } from './interned-values.ts';
import { START, type State } from './state.ts';

/**
 * Returns the state that stands for all states that differ in names only. Ids need no change: they follow from their
 * number. The clock goes back to START. Future times keep their distance from it, and past times become coarse. Stream
 * positions and counters that are only compared with each other become their rank. A counter that is only compared with
 * what the same run has read becomes 1.
 */
export function normalise(state: State): State {
  const positions = new Map(positionsOf(state).map((position, at) => [position, positionAt(at + 1)]));
  const renamed = renumber(state, (position) => positions.get(position) ?? position);
  return { ...renamed, tables: { ...renamed.tables, sequence: positions.size } };
}

/** Returns the same hash for equal states. */
export function hashOf({
  tables,
  stream,
  queue,
  handled,
  sentIds,
  events,
  instances,
  history,
  rungStage,
  unaskedArrivals,
}: State): string {
  const lists = [
    tables.issues,
    tables.approvals,
    queue,
    handled,
    events,
    instances,
    [history],
    [unaskedArrivals],
  ];
  const names = [
    ...lists.map((list) => list.map((one) => factsOf(one).name).join()),
    ...stream.map(({ position, record }) => `${position} ${factsOf(record).name}`),
  ];
  return hash('md5', [tables.sequence, rungStage, ...names, ...sentIds].join('|'), 'base64');
}

/**
 * Returns the stream position of the `rank`-th change, as `test/simulation/dynamodb` writes it. The second has one
 * digit more than the first.
 */
export const positionAt = (rank: number): string => String(10n ** 21n - 2n + BigInt(rank));
export const rankOf = (position: string): number => Number(BigInt(position) - 10n ** 21n + 2n);

/** Returns the stream positions in a state, in order. */
export function positionsOf({ tables, stream, queue, handled }: State): string[] {
  const mentioned = [...tables.approvals, ...queue, ...handled].flatMap((one) => factsOf(one).positions);
  return [...new Set([...mentioned, ...stream.map(({ position }) => position)])].sort(
    (a, b) => a.length - b.length || (a < b ? -1 : 1),
  );
}

/** Returns the rank of each value, from 1. */
function ranksOf(values: readonly number[]): Map<number, number> {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return new Map(sorted.map((value, at) => [value, at + 1]));
}

/** Interns the parts of a state. Stream positions stay. */
export const internParts = (state: State): State => renumber(state, (position) => position);

/** Replaces stream positions, whose order must stay the same, and brings everything else to its normal form. */
export function renumber(state: State, positionOf: (position: string) => string): State {
  const { now } = state;
  const approvals = state.tables.approvals.filter(({ key }) => !IGNORED.test(key.partition));
  const arrivals = ranksOf(
    approvals.flatMap(({ attributes: { arrival } }) => (arrival?.N ? [Number(arrival.N)] : [])),
  );
  const names: Names = { now, positionOf, arrivalOf: (arrival) => arrivals.get(arrival) ?? arrival };
  const renamed = <T extends object>(value: T) => rename(value, names);
  return {
    tables: {
      ...state.tables,
      issues: state.tables.issues.map(renamed),
      approvals: approvals.map(renamed),
    },
    stream: state.stream.map(({ position, record }) => ({
      position: positionOf(position),
      record: renamed(record),
    })),
    queue: state.queue.map((one) =>
      renamed(now === START ? one : { ...one, visibleAt: Math.max(START, one.visibleAt - now + START) }),
    ),
    handled: state.handled.map(renamed),
    sentIds: state.sentIds,
    events: state.events.toSorted((a, b) => (a.instanceCode < b.instanceCode ? -1 : 1)).map(intern),
    instances: state.instances.map(renamed),
    history: intern(state.history),
    rungStage: state.rungStage,
    unaskedArrivals: intern(state.unaskedArrivals),
    now: START,
  };
}

/** Slots and the position of the walk make no difference in a world where one issue makes few calls. */
const IGNORED = /^(PACE#|SWEEP$)/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/**
 * Ages that make a difference to the code: minutes of lag, a ring that no change reports, an hour of failures, a long
 * search for an instance, a day.
 */
const AGES_MS = [60_000, 300_000, 600_000, 3_600_000, 4_260_000, 86_400_000];

interface Names {
  now: number;
  positionOf: (position: string) => string;
  arrivalOf: (arrival: number) => number;
}

/** Normal forms of values, except for positions and arrivals. */
const normalForms = new WeakMap<object, object>();

function rename<T extends object>(value: T, names: Names): T {
  if (names.now !== START) return intern(renameAll(value, names) as T);
  let result = normalForms.get(value) as T | undefined;
  if (!result) {
    result = intern(renameAll(value, SAME) as T);
    normalForms.set(value, result);
    normalForms.set(result, result);
  }
  const arrival = arrivalIn(result);
  const isSame = arrival === undefined || names.arrivalOf(arrival) === arrival;
  if (isSame && factsOf(result).positions.every((position) => names.positionOf(position) === position))
    return result;
  return intern(renameAll(result, names) as T);
}

const SAME: Names = { now: START, positionOf: (position) => position, arrivalOf: (arrival) => arrival };

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

function renameText(text: string, { now, positionOf }: Names): string {
  if (text.length === 24 && TIME.test(text)) {
    const ahead = Date.parse(text) - now;
    const age = AGES_MS.findLast((one) => -ahead >= one) ?? 0;
    return new Date(START + (ahead > 0 ? ahead : -age)).toISOString();
  }
  return text.replace(STREAM_POSITION, positionOf);
}

function counterIn(name: string, value: AttributeValue, { arrivalOf }: Names): AttributeValue | undefined {
  if (value?.N === undefined) return undefined;
  if (name === 'revision') return { N: '1' };
  return name === 'arrival' ? { N: String(arrivalOf(Number(value.N))) } : undefined;
}
