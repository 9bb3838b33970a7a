import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Hint } from '../../../../shared/approval/plan/hint.ts';
import { resumeApprovals } from '../../../../shared/approval/resume.ts';
import { readDueRounds } from '../../../../shared/approval/store/due-rounds.ts';
import { sweep } from '../../../../shared/approval/sweep.ts';
import { lockSettings, type SettingsLock } from '../../../../shared/settings/settings-lock.ts';
import { readDefinitions, readFeishuSettings } from '../../../../shared/settings/settings-store.ts';
import { settingsKey } from '../../../../shared/tables/approval-keys.ts';
import { anIssue } from '../../../support/issue.ts';
import { aRound, SETTINGS } from '../../../support/round.ts';
import { aStorePlace, type MakePlace } from './place.ts';

const { definitions: _, revision: __, ...VALUES } = SETTINGS;
const MADE = { code: 'CODE', version: 1, createdAt: '2026-03-01T08:00:00.000Z' };
const kept = (appId: string, definition = MADE) => ({ used: { appId, definition } });
const BUSY = { code: 'SETTINGS_BUSY', retryable: true };
const LEASE_MS = 65_000;

/** Creates a table for the settings, with a clock that only `sleep` and the test move. */
async function aScene(makePlace: MakePlace) {
  const { documents, tables } = await makePlace();
  const place = { documents, tableName: tables.approvalTableName };
  const clock = { now: 1_000_000 };
  const lock = (owner: string, whileWaiting?: () => Promise<unknown>): Promise<SettingsLock> =>
    lockSettings({
      ...place,
      owner,
      now: () => clock.now,
      sleep: async (milliseconds) => {
        clock.now += milliseconds;
        await whileWaiting?.();
      },
    });
  return { ...place, place, clock, lock, read: () => readFeishuSettings(documents, place.tableName) };
}

export function describeSettings(makePlace: MakePlace): void {
  describe('the lock', () => {
    it('alone does not count as settings', async () => {
      const { lock, read, place } = await aScene(makePlace);
      const held = await lock('a');
      await held.storeDefinitions(kept('app'));
      expect(await read()).toBeUndefined();
      expect(await readDefinitions(place)).toEqual({ inUse: { app: MADE }, own: {} });
    });

    it('is given to one of two owners who ask at once', async () => {
      const { lock } = await aScene(makePlace);
      const both = await Promise.allSettled([lock('a'), lock('b')]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: BUSY });
    });

    it('is given to a waiting owner once it is released', async () => {
      const { lock, clock } = await aScene(makePlace);
      const first = await lock('a');
      const asked = clock.now;
      const second = await lock('b', () => first.release());
      expect(clock.now - asked).toBe(250);
      await expect(second.renew()).resolves.toBeUndefined();
    });

    it('is refused for an owner who has waited for 12 seconds', async () => {
      const { lock, clock } = await aScene(makePlace);
      await lock('a');
      const asked = clock.now;
      await expect(lock('b')).rejects.toMatchObject(BUSY);
      expect(clock.now - asked).toBe(12_000);
    });

    it('is lost after its lease, but not at the last millisecond of the lease', async () => {
      const { lock, clock } = await aScene(makePlace);
      await lock('a');
      clock.now += LEASE_MS - 12_000;
      await expect(lock('b')).rejects.toMatchObject(BUSY);
      clock.now += 1;
      await expect(lock('c')).resolves.toBeDefined();
    });

    it('is held longer when it is renewed', async () => {
      const { lock, clock } = await aScene(makePlace);
      const held = await lock('a');
      clock.now += LEASE_MS;
      await held.renew();
      await expect(lock('b')).rejects.toMatchObject(BUSY);
    });

    it('does not let an owner write who has lost it', async () => {
      const { lock, clock, read, place } = await aScene(makePlace);
      const lost = await lock('a');
      clock.now += LEASE_MS + 1;
      await lock('b');
      await expect(lost.renew()).rejects.toMatchObject(BUSY);
      await expect(lost.storeDefinitions(kept('app'))).rejects.toMatchObject(BUSY);
      await expect(lost.save(VALUES)).rejects.toMatchObject(BUSY);
      expect([await read(), await readDefinitions(place)]).toEqual([undefined, { inUse: {}, own: {} }]);
    });

    it('stays with its holder when somebody else releases it', async () => {
      const { lock, clock } = await aScene(makePlace);
      const lost = await lock('a');
      clock.now += LEASE_MS + 1;
      const held = await lock('b');
      await lost.release();
      await expect(held.renew()).resolves.toBeUndefined();
      await expect(lock('c')).rejects.toMatchObject(BUSY);
    });

    it('does not let an owner write who has released it', async () => {
      const { lock } = await aScene(makePlace);
      const held = await lock('a');
      await held.release();
      await expect(held.save(VALUES)).rejects.toMatchObject(BUSY);
      await expect(held.release()).resolves.toBeUndefined();
    });
  });

  describe('saving', () => {
    it('counts revisions from one, and stores the definitions', async () => {
      const { lock, read } = await aScene(makePlace);
      const held = await lock('a');
      await held.storeDefinitions(kept('app'));
      const first = await held.save(VALUES);
      expect(first).toEqual({ ...VALUES, definitions: { app: MADE }, ownDefinitions: {}, revision: 1 });
      expect(await read()).toEqual(first);
      expect((await held.save({ ...VALUES, enabled: false })).revision).toBe(2);
      expect(await read()).toMatchObject({ enabled: false, revision: 2 });
    });

    it('finds definitions and settings that were saved under an earlier lock', async () => {
      const { lock, read, place } = await aScene(makePlace);
      const first = await lock('a');
      await first.storeDefinitions(kept('app'));
      const saved = await first.save(VALUES);
      await first.release();
      await lock('b');
      expect(await readDefinitions(place)).toEqual({ inUse: { app: MADE }, own: {} });
      expect(await read()).toEqual(saved);
    });

    it('removes members that are not given', async () => {
      const { lock, read } = await aScene(makePlace);
      const held = await lock('a');
      await held.save({ ...VALUES, checks: [{ name: 'bot', ok: true, detail: 'x' }], reminderHours: 1.5 });
      await held.save({ ...VALUES, checks: undefined });
      expect(await read()).toEqual({ ...VALUES, definitions: {}, ownDefinitions: {}, revision: 2 });
    });

    it('writes definitions with the settings, or not at all', async () => {
      const { lock, clock, place, read } = await aScene(makePlace);
      const lost = await lock('a');
      const definitions = { ...kept('app'), own: [{ ...MADE, appId: 'app' }] };
      clock.now += LEASE_MS + 1;
      const held = await lock('b');
      await expect(lost.save(VALUES, definitions)).rejects.toMatchObject(BUSY);
      expect(await readDefinitions(place)).toEqual({ inUse: {}, own: {} });
      const saved = await held.save({ ...VALUES, reminderHours: undefined }, definitions);
      expect(saved).toMatchObject({ definitions: { app: MADE }, ownDefinitions: { CODE: MADE } });
      expect(await read()).toEqual(saved);
    });

    it('stores several of our definitions by code, and removes one', async () => {
      const { lock, place } = await aScene(makePlace);
      const held = await lock('a');
      const own = ['FIRST', 'constructor'].map((code) => ({ ...MADE, code, appId: 'app' }));
      await held.storeDefinitions({ own });
      await held.storeDefinitions({ own: [{ ...MADE, code: 'THIRD', appId: 'app' }], disown: 'FIRST' });
      expect(Object.keys((await readDefinitions(place)).own).sort()).toEqual(['THIRD', 'constructor']);
      await held.save(VALUES);
      expect(Object.keys((await readDefinitions(place)).own).sort()).toEqual(['THIRD', 'constructor']);
    });

    it('reads settings without our definitions, and adds them', async () => {
      const { lock, place, documents, tableName, read } = await aScene(makePlace);
      const before = { ...VALUES, definitions: { app: MADE }, revision: 3 };
      await documents.send(new PutCommand({ TableName: tableName, Item: { ...settingsKey, ...before } }));
      expect(await read()).toEqual(before);
      expect(await readDefinitions(place)).toEqual({ inUse: { app: MADE }, own: {} });
      const held = await lock('a');
      await held.storeDefinitions({ own: [{ ...MADE, appId: 'app' }] });
      expect((await readDefinitions(place)).own).toEqual({ CODE: { ...MADE, appId: 'app' } });
    });

    const APPS = ['constructor', 'cli.a[0]', '#app', ' ', 'x'.repeat(200)];
    it.each(APPS)('stores a definition of the app %s', async (appId) => {
      const { lock, place } = await aScene(makePlace);
      const held = await lock('a');
      await held.storeDefinitions(kept('other'));
      await held.storeDefinitions(kept(appId, { ...MADE, version: 1 }));
      await held.storeDefinitions(kept(appId, { ...MADE, version: 2 }));
      expect(Object.entries((await readDefinitions(place)).inUse).sort()).toEqual(
        Object.entries({ other: MADE, [appId]: { ...MADE, version: 2 } }).sort(),
      );
    });
  });
}

export function describeDueRounds(makePlace: MakePlace): void {
  it('reads every round with a checkAfter, whatever its time, and no other', async () => {
    const { store, documents, tables } = await aStorePlace(makePlace);
    const times = ['2020-01-01T00:00:00.000Z', '2099-01-01T00:00:00.000Z', undefined];
    for (const [number, checkAfter] of times.entries()) {
      await store.open(aRound({ issueId: `issue ${number}`, approvalId: `approval-${number}`, checkAfter }));
    }
    const rounds = await readDueRounds({ documents, tableName: tables.approvalTableName });
    expect(rounds.map(({ issueId }) => issueId)).toEqual(['issue 0', 'issue 1']);
  });

  it('reads no round if there is none', async () => {
    const { documents, tables } = await makePlace();
    expect(await readDueRounds({ documents, tableName: tables.approvalTableName })).toEqual([]);
  });

  it('hints each issue once with all its rounds, and restarts the walk', async () => {
    const { store, documents, tables, putIssue } = await aStorePlace(makePlace);
    const place = { documents, tableName: tables.approvalTableName };
    for (let number = 0; number < 130; number++) await putIssue(anIssue({ issueId: `issue ${number}` }));
    const hints: Hint[] = [];
    const queue = { send: async (hint: Hint) => void hints.push(hint) };
    const walk = () => sweep({ documents, tables, queue, now: () => new Date('2026-03-01T08:00:00.000Z') });
    await walk();
    hints.length = 0;
    for (const generation of [1, 2]) {
      const checkAfter = `2026-03-0${generation}T00:00:00.000Z`;
      await store.open(aRound({ generation, approvalId: `approval-${generation}`, checkAfter }));
    }
    await resumeApprovals(await readDueRounds(place), 4, { ...place, queue });
    expect(hints).toMatchObject([
      { kind: 'DUE', issueId: 'issue-1', approvalIds: ['approval-1', 'approval-2'] },
    ]);
    expect((await walk()).walked).toBe(130);
  });

  it('restarts a walk that has not begun', async () => {
    const { documents, tables } = await makePlace();
    const place = { documents, tableName: tables.approvalTableName };
    const queue = { send: () => Promise.resolve() };
    await resumeApprovals([], 1, { ...place, queue });
    expect(
      await sweep({ documents, tables, queue, now: () => new Date('2026-03-01T08:00:00.000Z') }),
    ).toEqual({ due: 0, walked: 0, hinted: 0 });
  });
}
