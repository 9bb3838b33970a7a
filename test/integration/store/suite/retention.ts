import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { ApprovalStore, SentRequest } from '../../../../shared/approval/store/store.ts';
import {
  approvalPointerKey,
  instancePointerKey,
  memoryKey,
  requestKey,
  roundKey,
} from '../../../../shared/tables/approval-keys.ts';
import { aRound } from '../../../support/round.ts';
import { aStorePlace, expectStale, type MakePlace, type StorePlace } from './place.ts';

const TIMES = { rounds: 1_780_000_000, shown: 1_770_000_000 };
const REQUEST: SentRequest = {
  form: '[]',
  title: 'title',
  i18nResources: [],
  shown: { stageId: 'stage-1', stageTitle: 'Production', environment: null, assignee: null, tasks: [] },
};

export function describeRetention(makePlace: MakePlace): void {
  /** Returns `expiresAt` of an item; NONE if it does not exist. */
  const expiryOf = async ({ documents, tables }: StorePlace, Key: { pk: string; sk: string }) => {
    const { Item } = await documents.send(
      new GetCommand({ TableName: tables.approvalTableName, Key, ConsistentRead: true }),
    );
    return Item ? Item.expiresAt : 'NONE';
  };

  /** Stores a round that was sent, with its pointers and its request. */
  async function aSentRound(store: ApprovalStore, generation: number) {
    const { instanceCode: _, ...opened } = aRound({ generation, approvalId: `Approval-${generation}` });
    await store.open(opened);
    return store.save(opened, { ...opened, instanceCode: `INSTANCE-${generation}` }, REQUEST);
  }

  const expiriesOf = async (place: StorePlace, generation: number) => {
    const approvalId = `Approval-${generation}`;
    const { issueId, subject } = aRound();
    return {
      round: await expiryOf(place, roundKey({ issueId, subject, generation })),
      approval: await expiryOf(place, approvalPointerKey(approvalId)),
      instance: await expiryOf(place, instancePointerKey(`INSTANCE-${generation}`)),
      shown: await expiryOf(place, requestKey(approvalId)),
    };
  };
  const { rounds, shown } = TIMES;
  const marked = { round: rounds, approval: rounds, instance: rounds, shown };
  const kept = { round: undefined, approval: undefined, instance: undefined, shown: undefined };

  describe('setExpiry', () => {
    it('marks every item of every round, and removes the marks again', async () => {
      const place = await aStorePlace(makePlace);
      const { store } = place;
      for (const generation of [1, 2]) await aSentRound(store, generation);
      expect(await store.setExpiry('issue-1', TIMES, undefined)).toBeUndefined();
      expect([await expiriesOf(place, 1), await expiriesOf(place, 2)]).toEqual([marked, marked]);
      expect(await store.setExpiry('issue-1', {}, undefined)).toBeUndefined();
      expect([await expiriesOf(place, 1), await expiriesOf(place, 2)]).toEqual([kept, kept]);
    });

    it('marks only what was shown if rounds are kept for ever, and only rounds in the other case', async () => {
      const place = await aStorePlace(makePlace);
      await aSentRound(place.store, 1);
      await place.store.setExpiry('issue-1', { shown }, undefined);
      expect(await expiriesOf(place, 1)).toEqual({ ...kept, shown });
      await place.store.setExpiry('issue-1', { rounds }, undefined);
      expect(await expiriesOf(place, 1)).toEqual({ ...marked, shown: undefined });
    });

    it('creates no item, and touches neither the memory nor another issue', async () => {
      const place = await aStorePlace(makePlace);
      const { store } = place;
      const { instanceCode: _, ...unsent } = aRound({ approvalId: 'Approval-1' });
      await store.open(unsent);
      await store.open(aRound({ issueId: 'issue-10', approvalId: 'other' }));
      await store.remember({ issueId: 'issue-1', stageId: null, arrival: 1, bellSeq: 0, life: 0 }, undefined);
      await store.setExpiry('issue-1', TIMES, undefined);
      expect(await expiriesOf(place, 1)).toEqual({ ...marked, instance: 'NONE', shown: 'NONE' });
      expect(await expiryOf(place, memoryKey('issue-1'))).toBeUndefined();
      expect(await expiryOf(place, approvalPointerKey('other'))).toBeUndefined();
    });

    it('is page by page, and continues after the page before', async () => {
      const place = await aStorePlace(makePlace);
      for (let generation = 1; generation <= 101; generation++)
        await place.store.open(aRound({ generation, approvalId: `Approval-${generation}` }));
      const after = await place.store.setExpiry('issue-1', TIMES, undefined);
      expect(after).toBe('STAGE#stage-1#000100');
      expect((await expiriesOf(place, 101)).round).toBeUndefined();
      expect(await place.store.setExpiry('issue-1', TIMES, after)).toBeUndefined();
      expect((await expiriesOf(place, 101)).round).toBe(rounds);
    });

    it('changes the revision, so that a stale writer cannot put a mark back', async () => {
      const { store } = await aStorePlace(makePlace);
      const round = await aSentRound(store, 1);
      await store.setExpiry('issue-1', TIMES, undefined);
      await expectStale(store.save(round, { ...round, looks: 7 }));
      const [read] = await store.readAllRounds('issue-1');
      expect(read).toEqual({ ...round, revision: round.revision + 1, expiresAt: rounds });
    });

    it('marks rounds of a newer version, and ignores other items beside them', async () => {
      const place = await aStorePlace(makePlace);
      const { documents, tables } = place;
      const newer = { ...aRound({ approvalId: 'Approval-1' }), state: 'PAUSED', content: 7 };
      const other = { pk: 'ISSUE#issue-1', sk: 'NOTE#1' };
      for (const Item of [{ ...roundKey(aRound()), ...newer }, other])
        await documents.send(new PutCommand({ TableName: tables.approvalTableName, Item }));
      await place.store.setExpiry('issue-1', TIMES, undefined);
      expect((await expiriesOf(place, 1)).round).toBe(rounds);
      expect(await expiryOf(place, other)).toBeUndefined();
    });
  });

  it('a memory is not stored over another retention', async () => {
    const { store } = await aStorePlace(makePlace);
    const memory = { issueId: 'issue-1', stageId: null, arrival: 1, bellSeq: 0, life: 0 };
    const marking = { ...memory, retention: { since: '2026-03-01T08:00:00.000Z', roundDays: 90, left: {} } };
    await store.remember(memory, undefined);
    await store.remember(marking, memory);
    await expectStale(store.remember({ ...memory, rung: 2 }, memory));
    expect((await store.read('issue-1')).memory).toEqual(marking);
  });
}
