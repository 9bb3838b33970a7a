import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { MOVE_ON_MS } from '../../../../shared/approval/plan/event-hints.ts';
import type { Hint, WorkQueue } from '../../../../shared/approval/plan/hint.ts';
import type { Round } from '../../../../shared/approval/plan/round.ts';
import { sweep } from '../../../../shared/approval/sweep.ts';
import { marshallOptions } from '../../../../shared/runtime/dynamodb-writes.ts';
import { roundKey, settingsKey } from '../../../../shared/tables/approval-keys.ts';
import { aRound, SETTINGS } from '../../../support/round.ts';
import { aStorePlace, type MakePlace, type StorePlace } from './place.ts';

const NOW = new Date('2026-03-01T09:00:00.000Z');
const at = (ms: number): string => new Date(NOW.getTime() + ms).toISOString();

interface Scene extends StorePlace {
  hints: Hint[];
  sweepOnce(onSend?: (hint: Hint) => Promise<unknown>, now?: () => Date): ReturnType<typeof sweep>;
  /** Puts a round directly into the table. */
  putRound(round: Round): Promise<void>;
}

async function aScene(makePlace: MakePlace): Promise<Scene> {
  const place = await aStorePlace(makePlace);
  const { documents, tables } = place;
  const hints: Hint[] = [];
  const put = (item: object) =>
    documents.send(
      new PutItemCommand({
        TableName: tables.approvalTableName,
        Item: marshall(item, marshallOptions()),
      }),
    );
  await put({ ...settingsKey, ...SETTINGS });
  return {
    ...place,
    hints,
    async putRound(round) {
      await put({ ...roundKey(round), ...round, ...(round.checkAfter && { due: 'DUE' }) });
    },
    sweepOnce(onSend, now = () => NOW) {
      const queue: WorkQueue = {
        async send(hint) {
          hints.push(hint);
          await onSend?.(hint);
        },
      };
      return sweep({ documents, tables, queue, now });
    },
  };
}

const aDueRound = (number: number, checkAfter: string | undefined): Round =>
  aRound({ issueId: `issue ${number}`, approvalId: `approval-${number}`, checkAfter });

export function describeSweep(makePlace: MakePlace): void {
  describe('a due round', () => {
    it('is hinted at its time, to the millisecond, and not before', async () => {
      const { sweepOnce, putRound, hints } = await aScene(makePlace);
      await putRound(aDueRound(1, at(-60_000)));
      await putRound(aDueRound(2, at(0)));
      await putRound(aDueRound(3, at(1)));
      await putRound(aDueRound(4, undefined));
      expect((await sweepOnce()).due).toBe(2);
      expect(hints.map((hint) => 'issueId' in hint && hint.issueId)).toEqual(['issue 1', 'issue 2']);
    });

    it('is hinted in the next run if the first one has run for 20 seconds', async () => {
      const { sweepOnce, putRound, hints } = await aScene(makePlace);
      for (let number = 1; number <= 6; number++) await putRound(aDueRound(number, at(-10_000 + number)));
      let seconds = 0;
      const slow = async () => {
        seconds += 5;
      };
      expect((await sweepOnce(slow, () => new Date(NOW.getTime() + seconds * 1_000))).due).toBe(4);
      expect(hints).toHaveLength(4);
      expect((await sweepOnce()).due).toBe(2);
    });

    it('gets a later time, so that the next sweep does not find it', async () => {
      const { sweepOnce, putRound, store } = await aScene(makePlace);
      await putRound(aDueRound(1, at(-60_000)));
      await sweepOnce();
      expect((await sweepOnce()).due).toBe(0);
      const [round] = (await store.read('issue 1')).rounds;
      expect(round?.checkAfter).toBe(at(MOVE_ON_MS));
    });

    it('is hinted once, even with more than two pages, the longest overdue first', async () => {
      const { sweepOnce, putRound, hints } = await aScene(makePlace);
      const numbers = Array.from({ length: 230 }, (_, number) => number);
      await Promise.all(numbers.map((number) => putRound(aDueRound(number, at(-number)))));
      expect((await sweepOnce()).due).toBe(230);
      expect(hints.map((hint) => 'issueId' in hint && hint.issueId)).toEqual(
        numbers.toReversed().map((number) => `issue ${number}`),
      );
    });

    it('keeps the time that a faster worker has set meanwhile', async () => {
      const { sweepOnce, putRound, store } = await aScene(makePlace);
      await putRound(aDueRound(1, at(-60_000)));
      await sweepOnce(() => putRound(aDueRound(1, at(600_000))));
      expect((await store.read('issue 1')).rounds[0]?.checkAfter).toBe(at(600_000));
    });

    it('stays without a time if a faster worker has removed it meanwhile', async () => {
      const { sweepOnce, putRound, store } = await aScene(makePlace);
      await putRound(aDueRound(1, at(-60_000)));
      await sweepOnce(() => putRound(aDueRound(1, undefined)));
      const [round] = (await store.read('issue 1')).rounds;
      expect(round && 'checkAfter' in round).toBe(false);
    });

    it('is not created again if it was deleted meanwhile', async () => {
      const { sweepOnce, putRound, documents, tables, kept } = await aScene(makePlace);
      const round = aDueRound(1, at(-60_000));
      await putRound(round);
      const Key = marshall(roundKey(round));
      await sweepOnce(() =>
        documents.send(new DeleteItemCommand({ TableName: tables.approvalTableName, Key })),
      );
      expect(await kept('issue 1')).toEqual([]);
    });

    it('stays due if its hint could not be sent', async () => {
      const { sweepOnce, putRound } = await aScene(makePlace);
      await putRound(aDueRound(1, at(-60_000)));
      await expect(sweepOnce(() => Promise.reject(new Error('the queue is down')))).rejects.toThrow();
      expect((await sweepOnce()).due).toBe(1);
    });
  });
}
