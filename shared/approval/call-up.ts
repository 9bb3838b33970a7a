import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { describeError } from '../runtime/logger.ts';
import { sha256 } from '../runtime/sha256.ts';
import { APPROVAL_TABLE } from '../tables/definitions.ts';
import { DUE } from '../tables/keys.ts';
import {
  calledPlace,
  calledPrefix,
  type Line,
  PLACES,
  placeInLine,
  readPlace,
  waitingPrefix,
} from './plan/line.ts';
import { roundSchema } from './plan/round.ts';
import { isUnknownItem } from './plan/unknown-rounds.ts';
import type { Pacer } from './store/pacing.ts';
import type { Sweeping } from './sweeping.ts';

/**
 * The second half of pacing (ADR 17): calls up rounds that wait for a call, the oldest first, as many as can be called
 * within the next seconds and just in time for that. So nothing is hidden for long, and the workers are free for taps.
 */
export interface CallingUp extends Sweeping {
  pacer: Pick<Pacer, 'room'>;
  sleep: (milliseconds: number) => Promise<unknown>;
}

/** A called-up round is expected within this time; after it, its place is free for the next one. */
const EXPECTED_WITHIN_MS = 30_000;
/** After this time it is put back in line; later, because the queue may be long. */
const PUT_BACK_MS = 2 * 60_000;
/** After this many failures the database or the queue is at fault, not the rounds: the next run goes on. */
const MAX_FAILURES = 20;
/** How long a run goes on while anything waits; the next one takes over. */
const RUN_MS = 58_000;
const TICK_MS = 1_000;
/** A round that is called up now has its slot within so long: the tick, the queue and the worker take their time. */
const LEAD_MS = 3_000;
/** Who has waited for less than this is a newcomer: told to wait when its share was used up, and called up all the same. */
const NEWCOMER_MS = 3 * 60_000;
/** Of one line at a time; more are never called up in one tick at any limit that Feishu gives. */
const PAGE_SIZE = 100;
/** A round of a newer version is called up by nobody; it is due again so soon after that version is back. */
const UNKNOWN_MS = 60 * 60_000;

/**
 * Runs for about a minute while anything waits, else ends at once. Resolves to how many rounds were called up. Rejects
 * with an AggregateError in the end if some could not be; each is logged, and delays nobody else.
 */
export async function callWaiting(work: CallingUp): Promise<number> {
  const end = work.now().getTime() + RUN_MS;
  const run: Run = { ...work, newcomers: new Map(), failures: [], failed: new Set() };
  await returnToLine(run);
  let called = 0;
  while (work.now().getTime() <= end && run.failures.length < MAX_FAILURES) {
    let anyone = false;
    for await (const { line, places } of waitingLines(run)) {
      anyone = true;
      called += await callFrom(line, places, run);
    }
    if (!anyone) break;
    await work.sleep(TICK_MS);
  }
  if (run.failures.length > 0)
    throw new AggregateError(run.failures, `${run.failures.length} rounds could not be called up`);
  return called;
}

interface Run extends CallingUp {
  /** How many newcomers were called up from each line. */
  newcomers: Map<string, number>;
  failures: unknown[];
  /** Rounds that failed in this run, by key: they are not tried again, or one could use up all failures. */
  failed: Set<string>;
}

const placeSchema = z.object({ pk: z.string(), sk: z.string(), checkAfter: z.string() });
type Place = z.infer<typeof placeSchema>;

const [INDEX] = APPROVAL_TABLE.indexes;

/** A page of places from this one on. Behind the places of all lines nothing is due. */
const placesFrom = (from: string, work: Sweeping): Promise<Place[]> =>
  readPlaces('>=', from, PAGE_SIZE, work);

async function readPlaces(
  side: '>=' | '<=',
  of: string,
  count: number,
  { documents, tables }: Sweeping,
): Promise<Place[]> {
  const { Items = [] } = await documents.send(
    new QueryCommand({
      TableName: tables.approvalTableName,
      IndexName: INDEX.name,
      KeyConditionExpression: `#due = :due AND #at ${side} :of`,
      ExpressionAttributeNames: { '#due': INDEX.partitionKey, '#at': INDEX.sortKey },
      ExpressionAttributeValues: { ':due': DUE, ':of': of },
      ScanIndexForward: side === '>=',
      Limit: count,
    }),
  );
  return z.array(placeSchema).parse(Items);
}

/** Behind every place that begins with this. */
const LAST = '\u{10ffff}';

/** Each line in which somebody waits, with its oldest places: the index is read from one line to the next. */
async function* waitingLines(work: CallingUp): AsyncGenerator<{ line: Line; places: Place[] }> {
  for (let from: string = PLACES.waiting; ; ) {
    const places = await placesFrom(from, work);
    const [first] = places;
    if (!first) return;
    const line = readPlace(first.checkAfter)?.line;
    if (line) {
      const prefix = waitingPrefix(line);
      yield { line, places: places.filter(({ checkAfter }) => checkAfter.startsWith(prefix)) };
    }
    from = (line ? waitingPrefix(line) : kindOf(first)) + LAST;
  }
}

/** Of places that only a newer version can read: none of their kind is called up here. */
const kindOf = ({ checkAfter }: Place): string => /^[^#]*#[^#]*#/.exec(checkAfter)?.[0] ?? checkAfter;

/** Calls up as many of a line as there is room for: newcomers within their share, else the oldest first. */
async function callFrom(line: Line, oldest: readonly Place[], work: Run): Promise<number> {
  const { newcomers } = work;
  const { calls, share } = await work.pacer.room(line.owner, line.api, work.now(), LEAD_MS);
  const left = calls === 0 ? 0 : calls - (await countCalled(line, work));
  if (left <= 0) return 0;
  const prefix = waitingPrefix(line);
  const before = newcomers.get(prefix) ?? 0;
  const youngest = share > before ? await readNewcomers(line, Math.min(left, share - before), work) : [];
  const young = await callEach(line, youngest, left, work);
  newcomers.set(prefix, before + young);
  return young + (await callEach(line, oldest, left - young, work));
}

async function callEach(line: Line, places: readonly Place[], most: number, work: Run): Promise<number> {
  let called = 0;
  for (const place of places) {
    if (called >= most || work.failures.length >= MAX_FAILURES) break;
    if (work.failed.has(keyOf(place))) continue;
    if (await callUp(line, place, work).catch(logFailure(place, work))) called++;
  }
  return called;
}

const keyOf = ({ pk, sk }: Place): string => `${pk} ${sk}`;

const logFailure =
  (place: Place, { logger, failures, failed }: Run) =>
  (error: unknown): false => {
    logger?.error('a round could not be called up', { round: keyOf(place), error: describeError(error) });
    failures.push(error);
    failed.add(keyOf(place));
    return false;
  };

async function readNewcomers(line: Line, count: number, work: CallingUp): Promise<Place[]> {
  const prefix = waitingPrefix(line);
  const young = placeInLine(line, new Date(work.now().getTime() - NEWCOMER_MS).toISOString());
  const places = await readPlaces('<=', prefix + LAST, count, work);
  return places.filter(({ checkAfter }) => checkAfter.startsWith(prefix) && checkAfter > young);
}

/** Those who were called up a moment ago and have not come yet. A page of them is as good as more. */
async function countCalled(line: Line, work: CallingUp): Promise<number> {
  const prefix = calledPrefix(line);
  const places = await placesFrom(
    calledPlace(line, new Date(work.now().getTime() - EXPECTED_WITHIN_MS)),
    work,
  );
  return places.filter(({ checkAfter }) => checkAfter.startsWith(prefix)).length;
}

const waiterSchema = z.object(
  roundSchema.pick({ issueId: true, approvalId: true, checkAfter: true, waiting: true }).shape,
);

async function callUp(line: Line, place: Place, work: CallingUp): Promise<boolean> {
  const { data, isUnknown } = await readWaiter(place, work);
  if (!data || data.checkAfter !== place.checkAfter) return false;
  const at = work.now();
  if (isUnknown) {
    await moveTo(new Date(at.getTime() + UNKNOWN_MS).toISOString(), place, work);
    return false;
  }
  const { issueId, approvalId } = data;
  // The hint comes after: a worker that is quicker would find the round in line. A crash in between is made good in time.
  if (!(await moveTo(calledPlace(line, at), place, work))) return false;
  await work.queue.send(
    { kind: 'DUE', issueId, approvalIds: [approvalId] },
    `${sha256(approvalId)}-${at.getTime()}`,
  );
  return true;
}

/**
 * Puts rounds back in line that were called up and did not come: their hint was lost, waits in a long queue, or always
 * fails. They are the last ones, but no newcomers: else those that never come would be called up again and again. Whose
 * hint does come is tried then, and has its old place again (`plan-waiting.ts`).
 */
async function returnToLine(work: Run): Promise<void> {
  const now = work.now().getTime();
  const late = new Date(now - PUT_BACK_MS).toISOString();
  const last = new Date(now - NEWCOMER_MS).toISOString();
  for (let from: string = PLACES.called; ; ) {
    const places = await placesFrom(from, work);
    for (const place of places) {
      if (!place.checkAfter.startsWith(PLACES.called)) return;
      const called = readPlace(place.checkAfter);
      if (!called || called.at > late) continue;
      await moveTo(placeInLine(called.line, last), place, work).catch(logFailure(place, work));
    }
    const end = places.at(-1)?.checkAfter;
    if (end === undefined || places.length < PAGE_SIZE) return;
    from = end;
  }
}

async function readWaiter({ pk, sk }: Place, { documents, tables }: CallingUp) {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tables.approvalTableName, Key: { pk, sk }, ConsistentRead: true }),
  );
  return { data: waiterSchema.safeParse(Item).data, isUnknown: Item !== undefined && isUnknownItem(Item) };
}

/** Resolves to false where the round has moved meanwhile: the worker was quicker, or another run of the sweep. */
async function moveTo(next: string, place: Place, { documents, tables }: CallingUp): Promise<boolean> {
  const { pk, sk, checkAfter } = place;
  try {
    await documents.send(
      new UpdateCommand({
        TableName: tables.approvalTableName,
        Key: { pk, sk },
        UpdateExpression: 'SET checkAfter = :next',
        ConditionExpression: 'checkAfter = :seen',
        ExpressionAttributeValues: { ':seen': checkAfter, ':next': next },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
