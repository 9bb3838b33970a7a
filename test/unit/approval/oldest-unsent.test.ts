import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type UnsentWatch, watchUnsent } from '../../../shared/approval/oldest-unsent.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { roundKey } from '../../../shared/tables/approval-keys.ts';
import { createFakeDynamoDb } from '../../simulation/dynamodb/fake-dynamodb.ts';
import { aMeter } from '../../support/read-meter.ts';
import { aRound } from '../../support/round.ts';

const START = new Date('2026-03-01T08:00:00.000Z');
const at = (seconds: number) => new Date(START.getTime() + seconds * 1_000);

let watch: UnsentWatch;
let put: (round: Round) => Promise<unknown>;
let reads: () => number;
beforeEach(() => {
  const meter = aMeter();
  let gets = 0;
  const { documents, tables } = createFakeDynamoDb({
    around(call, run) {
      if (call.operation === 'GetItem') gets += 1;
      return meter.around(call, run);
    },
  });
  const tableName = tables.approvalTableName;
  reads = () => gets;
  watch = watchUnsent({ documents, tableName });
  put = (round) =>
    documents.send(
      new PutCommand({
        TableName: tableName,
        Item: JSON.parse(JSON.stringify({ ...round, ...roundKey(round) })),
      }),
    );
});

const unsent = (changes: Partial<Round> = {}) =>
  aRound({ state: 'REQUESTED', requestedAt: START.toISOString(), ...changes });

/** Stores the round, and shows it to the watch, as the sweep does. */
async function show(round: Round, seconds = 0): Promise<void> {
  await put(round);
  watch.see({ ...round, ...roundKey(round) }, at(seconds));
}

describe('the age of the oldest unsent request', () => {
  it('is 0 if there is none', async () => {
    expect(await watch.readOldest(START)).toBe(0);
  });

  it('counts from its request on, once it was seen unsent for two minutes', async () => {
    await show(unsent(), 30);

    expect(await watch.readOldest(at(149))).toBe(0);
    expect(await watch.readOldest(at(150))).toBe(150);
  });

  it('counts from the first time that it was seen', async () => {
    await show(unsent(), 0);
    await show(unsent(), 100);

    expect(await watch.readOldest(at(130))).toBe(130);
  });

  it('is 0 again after the request was sent', async () => {
    await show(unsent());
    expect(await watch.readOldest(at(600))).toBe(600);
    await put(unsent({ state: 'PENDING' }));

    expect(await watch.readOldest(at(660))).toBe(0);
    const before = reads();
    await watch.readOldest(at(720));
    expect(reads()).toBe(before);
  });

  it.each<[string, Partial<Round>]>([
    ['waits in a line for the rate limit', { waiting: { api: 'create', since: START.toISOString() } }],
    ['waits for its slot', { slots: { create: at(1_000).toISOString() } }],
    ['waits for its slot at an OA', { slots: { call: at(1_000).toISOString() } }],
    ['is sent', { state: 'PENDING' }],
    ['has failed', { state: 'FAILED' }],
  ])('does not count a request that %s', async (_what, changes) => {
    await show(unsent(changes));

    expect(await watch.readOldest(at(600))).toBe(0);
  });

  it('does not count a request that begins to wait for the limit after it was seen', async () => {
    await show(unsent());
    await put(unsent({ waiting: { api: 'create', since: at(60).toISOString() } }));

    expect(await watch.readOldest(at(600))).toBe(0);
  });

  it('counts a request whose slot has passed', async () => {
    await show(unsent({ slots: { create: at(-10).toISOString() } }));

    expect(await watch.readOldest(at(600))).toBe(600);
  });

  it('is that of the oldest of more than twenty, which are not all read', async () => {
    for (let number = 0; number < 30; number++) {
      const age = number === 25 ? -500 : number;
      await show(unsent({ generation: number + 1, requestedAt: at(age).toISOString() }));
    }

    expect(await watch.readOldest(at(600))).toBe(1_100);
    expect(reads()).toBe(20);
  });
});
