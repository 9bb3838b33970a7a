import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, it } from 'vitest';
import { type CallingUp, callWaiting } from '../../../../shared/approval/call-up.ts';
import type { Hint } from '../../../../shared/approval/plan/hint.ts';
import {
  calledPlace,
  isCalledUp,
  isInLine,
  placeInLine,
} from '../../../../shared/approval/plan/waiting-line.ts';
import { readDueRounds } from '../../../../shared/approval/store/due-rounds.ts';
import type { PacedApi, Room } from '../../../../shared/approval/store/pacing.ts';
import { marshallOptions } from '../../../../shared/runtime/dynamodb-writes.ts';
import { roundKey } from '../../../../shared/tables/approval-keys.ts';
import { aClock } from '../../../support/clock.ts';
import { aRound } from '../../../support/round.ts';
import { aStorePlace, type MakePlace } from './place.ts';

const MINUTE = 60_000;

interface Waiting {
  name: string;
  /** How long it has waited. */
  ms: number;
  api?: PacedApi;
  owner?: string;
  called?: boolean;
  state?: string;
}

async function aScene(makePlace: MakePlace, room: Partial<Room> = {}) {
  const { documents, tables, store, ...place } = await aStorePlace(makePlace);
  const clock = aClock();
  const hinted: string[] = [];
  const work: CallingUp = {
    documents,
    tables,
    pacer: { room: async () => ({ calls: 2, share: 0, ...room }) },
    queue: { send: async (hint: Hint) => void hinted.push('issueId' in hint ? hint.issueId : '') },
    now: clock.date,
    sleep: clock.advance,
  };
  async function wait({ name, ms, api = 'create', owner = 'app', called, state }: Waiting) {
    const since = new Date(clock.now() - ms).toISOString();
    const line = { api, owner };
    const checkAfter = called ? calledPlace(line, new Date(since)) : placeInLine(line, since);
    const round = {
      ...aRound({ issueId: name, approvalId: name, checkAfter, waiting: { api, since } }),
      ...(state && { state }),
    };
    const Item = marshall({ ...roundKey(round), ...round, due: 'DUE' }, marshallOptions());
    await documents.send(new PutItemCommand({ TableName: tables.approvalTableName, Item }));
  }
  return {
    ...place,
    clock,
    hinted,
    wait,
    work,
    due: () => readDueRounds({ documents, tableName: tables.approvalTableName }),
    roundOf: async (name: string) => (await store.read(name)).rounds[0],
    /** Runs one tick only. */
    tick: () => callWaiting({ ...work, sleep: () => clock.advance(10 * MINUTE) }),
  };
}

export function describeCallUp(makePlace: MakePlace): void {
  it('ends at once when nobody waits', async () => {
    const { work, clock } = await aScene(makePlace);
    const begun = clock.now();
    expect(await callWaiting(work)).toBe(0);
    expect(clock.now()).toBe(begun);
  });

  it('docs/lessons.md 37: calls up as many as there is room for, the oldest first', async () => {
    const { wait, tick, hinted, roundOf } = await aScene(makePlace);
    for (const [name, ms] of [
      ['b', 2_000],
      ['c', 1_000],
      ['a', 3_000],
    ] as const)
      await wait({ name, ms });
    expect(await tick()).toBe(2);
    expect(hinted).toEqual(['a', 'b']);
    expect([await roundOf('a'), await roundOf('b')].map((round) => round && isCalledUp(round))).toEqual([
      true,
      true,
    ]);
    expect((await roundOf('c')) && isInLine((await roundOf('c')) ?? {})).toBe(true);
  });

  it('finds the lines of every app, API and OA in the index', async () => {
    const { wait, tick, hinted } = await aScene(makePlace);
    await wait({ name: 'create', ms: 1_000 });
    await wait({ name: 'cancel', ms: 1_000, api: 'cancel' });
    await wait({ name: 'former', ms: 1_000, owner: 'another#app' });
    await wait({ name: 'oa', ms: 1_000, api: 'call', owner: '节点' });
    expect(await tick()).toBe(4);
    expect(hinted.toSorted()).toEqual(['cancel', 'create', 'former', 'oa']);
  });

  it('counts rounds that were just called up and have not called yet', async () => {
    const { wait, tick, hinted } = await aScene(makePlace);
    await wait({ name: 'called', ms: 29_000, called: true });
    await wait({ name: 'lost', ms: 31_000, called: true });
    await wait({ name: 'other lane', ms: 1_000, called: true, api: 'cancel' });
    for (const name of ['a', 'b']) await wait({ name, ms: 2_000 });
    await tick();
    expect(hinted).toHaveLength(1);
  });

  it('puts a round that did not call for two minutes behind the others, but not among the newcomers', async () => {
    const { wait, tick, roundOf, hinted, clock } = await aScene(makePlace, { calls: 0 });
    await wait({ name: 'lost', ms: 2 * MINUTE, called: true });
    await wait({ name: 'on its way', ms: 2 * MINUTE - 1, called: true });
    const threeMinutesAgo = new Date(clock.now() - 3 * MINUTE).toISOString();
    await tick();
    expect((await roundOf('lost'))?.checkAfter).toBe(
      placeInLine({ api: 'create', owner: 'app' }, threeMinutesAgo),
    );
    expect(isCalledUp((await roundOf('on its way')) ?? {})).toBe(true);
    expect(hinted).toEqual([]);
  });

  it('docs/lessons.md 37: gives the share of the newcomers to the youngest rounds only if they are new', async () => {
    const { wait, tick, hinted } = await aScene(makePlace, { calls: 3, share: 1 });
    await wait({ name: 'newcomer', ms: 1_000 });
    for (const [name, ms] of [
      ['a', 90],
      ['b', 80],
      ['c', 70],
    ] as const)
      await wait({ name, ms: ms * MINUTE });
    await tick();
    expect(hinted).toEqual(['newcomer', 'a', 'b']);
    await tick();
    // No round called, so those called up are behind the round that has waited longest now.
    expect(hinted[3]).toBe('c');
  });

  it('runs for a minute while a round waits, and calls up each round once', async () => {
    const { wait, work, hinted, clock } = await aScene(makePlace, { calls: 1 });
    for (let number = 0; number < 3; number++) await wait({ name: `issue ${number}`, ms: 5_000 - number });
    const begun = clock.now();
    // No round that was called up calls, so half a minute later it is the turn of the next one.
    expect(await callWaiting(work)).toBe(2);
    expect(clock.now() - begun).toBeGreaterThan(55_000);
    expect(clock.now() - begun).toBeLessThan(MINUTE);
    expect(hinted).toEqual(['issue 0', 'issue 1']);
  });

  it('skips a round of a newer version, which does not block the others', async () => {
    const { wait, tick, hinted } = await aScene(makePlace, { calls: 1 });
    await wait({ name: 'newer', ms: 9_000, state: 'NEGOTIATED' });
    await wait({ name: 'known', ms: 1_000 });
    await tick();
    expect(hinted).toEqual(['known']);
  });

  it('skips places that only a newer version can read', async () => {
    const { wait, tick, hinted } = await aScene(makePlace, { calls: 1 });
    for (const name of ['a', 'b', 'c'])
      await wait({ name, ms: 9_000, api: 'comment' as PacedApi, owner: name });
    await wait({ name: 'known', ms: 1_000 });
    await tick();
    expect(hinted).toEqual(['known']);
  });

  it('leaves waiting rounds among the due rounds, also for the previous version', async () => {
    const { wait, due } = await aScene(makePlace);
    await wait({ name: 'waits', ms: 1_000 });
    await wait({ name: 'called', ms: 1_000, called: true });
    expect((await due()).map(({ approvalId }) => approvalId).toSorted()).toEqual(['called', 'waits']);
  });
}
