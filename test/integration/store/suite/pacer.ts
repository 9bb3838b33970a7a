import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { SLOT_USABLE_MS } from '../../../../shared/approval/plan/pace-policy.ts';
import {
  createDynamoPacer,
  type PacedApi,
  type ReserveOptions,
} from '../../../../shared/approval/store/pacing.ts';
import { aSlotRequest } from '../../../support/slot-request.ts';
import type { MakePlace } from './place.ts';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const after = (ms: number): Date => new Date(NOW.getTime() + ms);

async function aPacer(makePlace: MakePlace, callsPerMinute?: number) {
  const { documents, tables } = await makePlace();
  const pacer = createDynamoPacer(documents, tables.approvalTableName, callsPerMinute);
  return {
    ...pacer,
    /** Milliseconds until the slot that is given; undefined: none is near. */
    async wait(how: Partial<ReserveOptions> = {}, api: PacedApi = 'create', owner = 'app') {
      const slot = await pacer.reserve(owner, api, aSlotRequest(NOW, how));
      return slot && slot.getTime() - NOW.getTime();
    },
  };
}

type PacerAt = Awaited<ReturnType<typeof aPacer>>;

async function take({ wait }: PacerAt, count: number, how: Partial<ReserveOptions> = {}): Promise<unknown[]> {
  const waits: unknown[] = [];
  for (let taken = 0; taken < count; taken++) waits.push(await wait(how));
  return waits;
}

export function describePacer(makePlace: MakePlace): void {
  it('hands out ten slots at once, and the next ones four seconds later', async () => {
    const pacer = await aPacer(makePlace);
    expect(await take(pacer, 13)).toEqual([...Array(10).fill(0), 4_000, 4_500, 5_000]);
  });

  it('hands out as many as are configured', async () => {
    const pacer = await aPacer(makePlace, 10);
    expect(await take(pacer, 3)).toEqual([0, 4_000, 8_000]);
  });

  it('hands out each slot once to five workers that compete for sixty', async () => {
    const pacer = await aPacer(makePlace);
    const worker = async () => {
      const mine: number[] = [];
      while (mine.length < 12) {
        try {
          mine.push((await pacer.wait({}, 'cancel')) ?? -1);
        } catch (error) {
          // A worker that loses ten times plans again. No slot was handed out.
          expect(error).toMatchObject({ code: 'STALE' });
        }
      }
      return mine;
    };
    const slots = (await Promise.all([worker(), worker(), worker(), worker(), worker()])).flat();
    const late = slots.filter((slot) => slot > 0);
    expect(late).toHaveLength(50);
    expect(new Set(late).size).toBe(50);
  });

  it('has separate slots for each app and each API', async () => {
    const pacer = await aPacer(makePlace);
    await take(pacer, 12);
    expect(await pacer.wait({}, 'cancel')).toBe(0);
    expect(await pacer.wait({}, 'create', 'other')).toBe(0);
    expect(await pacer.wait()).toBeGreaterThan(0);
  });

  it('docs/lessons.md 37: hands out nothing beyond the horizon, and stores that a round waits', async () => {
    const pacer = await aPacer(makePlace);
    await take(pacer, 10);
    expect(await pacer.wait({ horizonMs: 3_500 })).toBeUndefined();
    // The share of the newcomers is a tenth. Without a waiting round there would be slots for a minute.
    expect((await take(pacer, 20)).filter((wait) => wait !== undefined)).toHaveLength(10);
  });

  it('hands out nothing before the time until which Feishu refuses calls', async () => {
    const pacer = await aPacer(makePlace);
    await pacer.holdUntil('app', 'create', after(30_000));
    expect((await pacer.room('app', 'create', NOW, 3_000)).calls).toBe(0);
    expect(await take(pacer, 2)).toEqual([30_000, 30_500]);
  });

  it('keeps the later of two refusals, whatever their order', async () => {
    const pacer = await aPacer(makePlace);
    await pacer.holdUntil('app', 'create', after(30_000));
    await pacer.holdUntil('app', 'create', after(10_000));
    expect(await pacer.wait()).toBe(30_000);
  });

  it('returns a kept slot while it is valid, and uses no other', async () => {
    const pacer = await aPacer(makePlace);
    await take(pacer, 10);
    const kept = after((await pacer.wait()) ?? 0);
    expect(await pacer.wait({ kept, now: after(3_000) })).toBe(4_000);
    expect(await pacer.wait()).toBe(4_500);
  });

  it('replaces a kept slot that is too old, and frees the old one', async () => {
    const pacer = await aPacer(makePlace);
    await take(pacer, 10);
    const kept = after((await pacer.wait()) ?? 0);
    const now = new Date(kept.getTime() + SLOT_USABLE_MS);
    expect((await pacer.room('app', 'create', now, 0)).calls).toBe(9);
    expect(await pacer.reserve('app', 'create', aSlotRequest(now, { kept }))).toEqual(now);
    expect((await pacer.room('app', 'create', now, 0)).calls).toBe(9);
  });

  it('replaces a kept slot if Feishu refuses calls at its time', async () => {
    const pacer = await aPacer(makePlace);
    await take(pacer, 10);
    const kept = after((await pacer.wait()) ?? 0);
    await pacer.holdUntil('app', 'create', after(9_000));
    expect(await pacer.wait({ kept })).toBe(9_000);
  });

  it('continues with a ledger of the previous version, whose slots far ahead are void', async () => {
    const { documents, tables } = await makePlace();
    const key = { pk: 'PACE#app#create', sk: 'PACE' };
    const ledger = { tat: NOW.getTime() + 3_600_000, heldUntil: 0 };
    await documents.send(new PutCommand({ TableName: tables.approvalTableName, Item: { ...key, ledger } }));
    const pacer = createDynamoPacer(documents, tables.approvalTableName);
    expect(await pacer.reserve('app', 'create', aSlotRequest(NOW, { kept: after(60_000) }))).toEqual(NOW);
    const { Item } = await documents.send(
      new GetCommand({ TableName: tables.approvalTableName, Key: key, ConsistentRead: true }),
    );
    // The previous version requires these members in a ledger.
    expect(Item?.ledger).toMatchObject({ tat: NOW.getTime() + 600, heldUntil: 0 });
  });
}
