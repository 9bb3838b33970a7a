import { beforeEach, expect, it } from 'vitest';
import { createDynamoPacer, type PacedApi, type Pacer } from '../../../shared/approval/pacing.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { useDatabase } from '../../support/use-core.ts';

const APP = 'cli_app';
const NOW = new Date('2026-03-01T08:00:00.000Z');

const database = useDatabase();
let tableName = '';
let pacer: Pacer;
beforeEach(async () => {
  tableName = (await database().createTables()).approvalTableName;
  pacer = createDynamoPacer(database().documents, tableName);
});

/** How long after now each of so many calls may be made, in milliseconds. */
async function take(count: number, api: PacedApi = 'create', from = pacer, appId = APP): Promise<number[]> {
  const waits: number[] = [];
  for (let call = 0; call < count; call++) {
    waits.push((await patiently(() => from.reserve(appId, api, NOW))).getTime() - NOW.getTime());
  }
  return waits;
}

/** As the worker does: what others made stale is done again. */
async function patiently<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'STALE') throw error;
    }
  }
}

it('workers that compete never get the same slot: ten at once, then one each interval', async () => {
  const taken = await Promise.all(Array.from({ length: 5 }, () => take(6)));
  const waits = taken.flat().sort((a, b) => a - b);
  expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
  expect(waits.slice(10)).toEqual(
    Array.from({ length: 20 }, (_, index) => Math.round((index + 1) * (2_000 / 3))),
  );
});

it('slots are those of one app and one API', async () => {
  await take(20, 'cancel');
  expect(await take(1, 'create')).toEqual([0]);
  expect(await take(1, 'cancel', pacer, 'cli_another')).toEqual([0]);
});

it('a slot that stands comes back as it is and costs no other', async () => {
  await take(19);
  const slot = await pacer.reserve(APP, 'create', NOW);
  expect(await pacer.reserve(APP, 'create', NOW, slot)).toEqual(slot);
  expect(await take(1)).toEqual([Math.round(11 * (2_000 / 3))]);
});

it('a slot at a time at which Feishu has refused calls since is replaced by one at the end', async () => {
  await take(19);
  const slot = await pacer.reserve(APP, 'create', NOW);
  await take(40);
  await pacer.holdUntil(APP, 'create', new Date(NOW.getTime() + 20_000));
  const another = await pacer.reserve(APP, 'create', NOW, slot);
  expect(another.getTime() - NOW.getTime()).toBe(Math.round(51 * (2_000 / 3)));
});

it('the pace is the one that is configured', async () => {
  const slow = createDynamoPacer(database().documents, tableName, 10);
  expect(await take(3, 'create', slow)).toEqual([0, 6_667, 13_333]);
});
