import { GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { sha256 } from '../runtime/sha256.ts';
import { aboutRoundKey, DUE } from '../tables/approval-keys.ts';
import { APPROVAL_TABLE } from '../tables/table-definitions.ts';
import { roundSchema } from './plan/round.ts';
import { isUnknownItem } from './plan/rounds-of-newer-versions.ts';
import {
  calledPlace,
  calledPrefix,
  type Line,
  PLACES,
  placeInLine,
  readPlace,
  waitingPrefix,
} from './plan/waiting-line.ts';
import type { Pacer } from './store/pacing.ts';
import { MAX_FAILURES, reportSweepFailure, type Sweeping } from './sweep-context.ts';

/**
 * What `callWaiting` needs from outside. It calls up rounds that wait in a line (ADR 17): the oldest first, as many
 * as can be called within the next seconds, and just in time. So no message is hidden for long, and the workers are
 * free for decisions.
 */
export interface CallingUp extends Sweeping {
  pacer: Pick<Pacer, 'room'>;
  sleep: (milliseconds: number) => Promise<unknown>;
}

/**
 * A round that was called up is expected within this time. After it, the place of the round is free for the next one.
 */
const EXPECTED_WITHIN_MS = 30_000;
/**
 * After this time, a round that was called up and has not come is put back in the line. It is longer, because the
 * work queue may be long.
 */
const PUT_BACK_MS = 2 * 60_000;
/** How long a run continues while rounds wait. Then the next run takes over. */
const RUN_MS = 58_000;
const TICK_MS = 1_000;
/**
 * A round that is called up now has its slot within this time: the tick, the queue and the worker take a part of it.
 */
const LEAD_MS = 3_000;
/**
 * A round that has waited less than this is a newcomer: it had to wait because the share of newcomers was used up,
 * and it is called up from that share again.
 */
const NEWCOMER_MS = 3 * 60_000;
/** Places read at a time. No limit of Feishu allows to call up more of a line in one tick. */
const PAGE_SIZE = 100;
/** A round of a newer version is not called up. It is due again after this time, for when that version is back. */
const UNKNOWN_MS = 60 * 60_000;

/**
 * Calls up waiting rounds for about a minute, or ends at once if none waits. Resolves to how many rounds were called
 * up. Rejects with an AggregateError at the end if some rounds failed; each one is logged, and does not delay the
 * others.
 */
export async function callWaiting(work: CallingUp): Promise<number> {
  const end = work.now().getTime() + RUN_MS;
  const run: Run = { ...work, newcomers: new Map(), failures: [], failed: new Set() };
  await returnToLine(run);
  let called = 0;
  while (work.now().getTime() <= end && run.failures.length < MAX_FAILURES) {
    let isAnyWaiting = false;
    for await (const { line, places } of waitingLines(run)) {
      isAnyWaiting = true;
      called += await callFrom(line, places, run);
    }
    if (!isAnyWaiting) break;
    await work.sleep(TICK_MS);
  }
  if (run.failures.length > 0)
    throw new AggregateError(run.failures, `Calling up failed for ${run.failures.length} rounds.`);
  return called;
}

interface Run extends CallingUp {
  /** How many newcomers were called up, by the prefix of their line. */
  newcomers: Map<string, number>;
  failures: unknown[];
  /**
   * Rounds that failed in this run, by key. They are not tried again in this run: one such round could otherwise
   * cause all the failures that are allowed.
   */
  failed: Set<string>;
}

const placeSchema = z.object({ pk: z.string(), sk: z.string(), checkAfter: z.string() });
type Place = z.infer<typeof placeSchema>;

const [INDEX] = APPROVAL_TABLE.indexes;

/** Reads a page of places from this one on. In the index, nothing that is due comes after the places. */
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

/** Sorts after every place with the same prefix. */
const LAST = '\u{10ffff}';

/** Yields each line in which rounds wait, with its oldest places. It jumps in the index from one line to the next. */
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

/** Returns the prefix of places that only a newer version can read. None with this prefix is called up. */
const kindOf = ({ checkAfter }: Place): string => /^[^#]*#[^#]*#/.exec(checkAfter)?.[0] ?? checkAfter;

/** Calls up as many rounds of a line as there is room for: newcomers within their share, then the oldest. */
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
  (place: Place, run: Run) =>
  (error: unknown): false => {
    reportSweepFailure('calling up a round failed', error, aboutRoundKey(place), run);
    run.failures.push(error);
    run.failed.add(keyOf(place));
    return false;
  };

async function readNewcomers(line: Line, count: number, work: CallingUp): Promise<Place[]> {
  const prefix = waitingPrefix(line);
  const young = placeInLine(line, new Date(work.now().getTime() - NEWCOMER_MS).toISOString());
  const places = await readPlaces('<=', prefix + LAST, count, work);
  return places.filter(({ checkAfter }) => checkAfter.startsWith(prefix) && checkAfter > young);
}

/**
 * Returns how many rounds were called up recently and have not come yet. One page is enough to know that there is no
 * room.
 */
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
  // The hint is sent after the move: a fast worker would otherwise find the round still in line. After a crash in
  // between, `returnToLine` puts the round back.
  if (!(await moveTo(calledPlace(line, at), place, work))) return false;
  await work.queue.send(
    { kind: 'DUE', issueId, approvalIds: [approvalId] },
    `${sha256(approvalId)}-${at.getTime()}`,
  );
  return true;
}

/**
 * Puts rounds back in line that were called up and did not come: their hint was lost, waits in a long queue, or
 * always fails. They go to the end of the line but are not newcomers, because rounds that never come would otherwise
 * be called up again and again. If such a hint arrives later, the round is tried then, and gets its old place back if
 * it must wait again (`actions/action-result.ts`).
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

/**
 * Moves a round to another place. Resolves to false if the round has moved meanwhile, because the worker or another
 * run of the sweep was faster.
 */
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
