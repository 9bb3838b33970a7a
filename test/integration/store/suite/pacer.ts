import { expect, it } from 'vitest';
import { createDynamoPacer, SLOT_KEEPS_MS } from '../../../../shared/approval/pacing.ts';
import type { MakePlace } from './place.ts';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const after = (ms: number): Date => new Date(NOW.getTime() + ms);

async function aPacer(makePlace: MakePlace) {
  const { documents, tables } = await makePlace();
  return createDynamoPacer(documents, tables.approvalTableName);
}

export function describePacer(makePlace: MakePlace): void {
  it('hands out ten slots at once, and one more each two thirds of a second', async () => {
    const pacer = await aPacer(makePlace);
    const slots: number[] = [];
    for (let taken = 0; taken < 13; taken++) {
      slots.push((await pacer.reserve('app', 'create', NOW)).getTime() - NOW.getTime());
    }
    expect(slots).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 667, 1_333, 2_000]);
  });

  it('hands out each slot once to five workers who compete for sixty', async () => {
    const pacer = await aPacer(makePlace);
    const worker = async () => {
      const mine: number[] = [];
      while (mine.length < 12) {
        try {
          mine.push((await pacer.reserve('app', 'cancel', NOW)).getTime());
        } catch (error) {
          // Who loses ten times plans again; nothing was handed out.
          expect(error).toMatchObject({ code: 'STALE' });
        }
      }
      return mine;
    };
    const slots = (await Promise.all([worker(), worker(), worker(), worker(), worker()])).flat().sort();
    const late = slots.filter((slot) => slot > NOW.getTime());
    expect(late).toHaveLength(50);
    expect(new Set(late).size).toBe(50);
    expect(Math.max(...late) - NOW.getTime()).toBe(Math.round((50 * 60_000) / 90));
  });

  it('paces each app and each API by itself', async () => {
    const pacer = await aPacer(makePlace);
    for (let taken = 0; taken < 12; taken++) await pacer.reserve('app', 'create', NOW);
    expect(await pacer.reserve('app', 'cancel', NOW)).toEqual(NOW);
    expect(await pacer.reserve('other', 'create', NOW)).toEqual(NOW);
    expect((await pacer.reserve('app', 'create', NOW)).getTime()).toBeGreaterThan(NOW.getTime());
  });

  it('hands out nothing before the time until which Feishu refuses calls, and no burst at that time', async () => {
    const pacer = await aPacer(makePlace);
    await pacer.holdUntil('app', 'create', after(30_000));
    expect(await pacer.reserve('app', 'create', NOW)).toEqual(after(30_000));
    expect((await pacer.reserve('app', 'create', NOW)).getTime()).toBeGreaterThan(after(30_000).getTime());
  });

  it('keeps the later of two refusals, in whatever order they come', async () => {
    const pacer = await aPacer(makePlace);
    await pacer.holdUntil('app', 'create', after(30_000));
    await pacer.holdUntil('app', 'create', after(10_000));
    expect(await pacer.reserve('app', 'create', NOW)).toEqual(after(30_000));
    expect(await pacer.reserve('app', 'create', NOW, after(20_000))).not.toEqual(after(20_000));
  });

  it('gives a kept slot back while it stands', async () => {
    const pacer = await aPacer(makePlace);
    const kept = after(1_234.5);
    expect(await pacer.reserve('app', 'create', NOW, kept)).toEqual(kept);
  });

  it('gives another for a kept slot that is too old, or that was refused since', async () => {
    const pacer = await aPacer(makePlace);
    expect(await pacer.reserve('app', 'create', NOW, after(-SLOT_KEEPS_MS))).toEqual(NOW);
    await pacer.holdUntil('app', 'create', after(5_000));
    expect((await pacer.reserve('app', 'create', NOW, after(4_999))).getTime()).toBeGreaterThanOrEqual(
      after(5_000).getTime(),
    );
  });
}
