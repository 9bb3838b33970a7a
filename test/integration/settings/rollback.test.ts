import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { EXTERNAL_SECRET } from '../../../shared/settings/external-secret.ts';
import { FEISHU_SECRET } from '../../../shared/settings/feishu-secret.ts';
import { feishuSettingsSchema } from '../../../shared/settings/settings.ts';
import { changeTest, findTest, readOpenTests, testSchema } from '../../../shared/settings/test-approvals.ts';
import { removeFormerApps } from '../../../shared/setup/former-apps.ts';
import { externalNodeKey, PARTITIONS, settingsKey } from '../../../shared/tables/approval-keys.ts';
import type { SettingsApi } from '../../support/settings-api.ts';
import { NEWER, sampleOf, withNewerMembers } from '../../support/stored-schemas.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

/** docs/lessons.md 51: this version saves over settings and secrets of a newer version. */

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});

const ITEM = { schema: 7, ...NEWER };
const item = async () => (await api.item(settingsKey)) ?? {};

/** Settings of a newer version, with unknown members at every level and unknown values. */
async function aNewerSetUp(changes: Record<string, unknown> = {}): Promise<void> {
  await api.put({ reminderHours: 5 });
  const newer = Object(withNewerMembers(feishuSettingsSchema, await item()));
  await api.keep({ ...newer, ...ITEM, ...changes, ...settingsKey });
}

async function keepSecret(name: 'feishu' | 'external', change: (stands: unknown) => unknown): Promise<void> {
  const { secretsManager } = api.work.secret;
  const SecretString = JSON.stringify(change(await api.secret(name)));
  await secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
}

describe('docs/lessons.md 51: PUT /settings/feishu', () => {
  it('replaces what this version knows, and keeps the rest', async () => {
    await aNewerSetUp({ cutForms: 'NEWER' });
    const saved = await api.put({ expiryHours: 9 });
    expect([saved.status, saved.body.enabled]).toEqual([200, true]);
    const after = await item();
    const { appId } = api.simulator.app;
    expect(after).toMatchObject({ ...ITEM, expiryHours: 9, cutForms: 'allow', bot: NEWER });
    expect(after).toHaveProperty(['definitions', appId], expect.objectContaining(NEWER));
    expect(after).toHaveProperty('ownDefinitions', {
      [String(after.definitionCode)]: expect.objectContaining({ appId, ...NEWER }),
    });
    expect(after).not.toHaveProperty('reminderHours');
  });

  it("does not give another app's bot unknown members of the previous bot", async () => {
    await aNewerSetUp({ appId: 'cli_before' });
    await api.put();
    expect((await item()).bot).not.toHaveProperty('fromANewerVersion');
  });

  it('keeps every member of the secret', async () => {
    await api.put();
    await keepSecret('feishu', (stands) => withNewerMembers(FEISHU_SECRET.schema, stands));
    await api.put({ encryptKey: 'another-encrypt-key-of-this-app' });
    const { appId } = api.simulator.app;
    expect(await api.secret()).toMatchObject({ ...NEWER, apps: { [appId]: NEWER } });
    expect(await api.secret()).toHaveProperty(
      ['apps', appId, 'encryptKey'],
      'another-encrypt-key-of-this-app',
    );
  });
});

describe('docs/lessons.md 51: DELETE /settings/feishu', () => {
  it('disables, and changes nothing else', async () => {
    await aNewerSetUp({ cutForms: 'NEWER', domain: 'NEWER' });
    const before = await item();
    expect((await api.call('DELETE', '/settings/feishu')).status).toBe(202);
    expect(await item()).toEqual({ ...before, enabled: false, revision: Number(before.revision) + 1 });
  });
});

describe('docs/lessons.md 51: settings with unknown values', () => {
  const CHECK = { name: 'NEWER', ok: true, detail: 'fine' };

  it('are returned unchanged', async () => {
    await aNewerSetUp({ cutForms: 'NEWER', domain: 'NEWER', checks: [CHECK] });
    const { status, text } = await api.get();
    expect([status, text]).toEqual([200, expect.stringContaining('"domain":"NEWER"')]);
    expect(text).toContain('"cutForms":"NEWER"');
    expect(text).toContain('"name":"NEWER"');
    expect(text).not.toContain('fromANewerVersion');
  });

  it('fail the doctor at the credentials, without a call to any platform', async () => {
    await aNewerSetUp({ domain: 'NEWER' });
    api.simulator.control.resetCalls();
    const { status, body } = await api.call('POST', '/settings/feishu/check', '{}');
    expect([status, body.checks?.[0]]).toEqual([
      200,
      expect.objectContaining({
        name: 'credentials',
        ok: false,
        detail: expect.stringContaining('platform'),
      }),
    ]);
    expect(api.simulator.control.calls().calls).toEqual({});
  });
});

describe('docs/lessons.md 51: an external node', () => {
  const PATH = '/settings/external-approvals/oa';
  const save = (changes: object = {}) =>
    api.call('PUT', PATH, JSON.stringify({ title: 'OA', endpoint: 'https://oa.example.com', ...changes }));

  it('keeps unknown members of it and of its secret, also in a rotation', async () => {
    await save();
    await api.keep({ ...(await api.item(externalNodeKey('oa'))), ...ITEM });
    await keepSecret('external', (stands) => withNewerMembers(EXTERNAL_SECRET.schema, stands));
    expect((await save({ title: 'Another', rotate: true })).status).toBe(200);
    expect(await api.item(externalNodeKey('oa'))).toMatchObject({ ...ITEM, title: 'Another', revision: 2 });
    expect(await api.secret('external')).toMatchObject({
      ...NEWER,
      nodes: { oa: { ...NEWER, revision: 2 } },
    });
    expect((await save({ title: 'Once more' })).status).toBe(200);
    expect(await api.secret('external')).toMatchObject({ ...NEWER, nodes: { oa: NEWER } });
  });

  it('is not removed while a round in an unknown state may use it', async () => {
    await save();
    const round = await api.keepRound({ channel: 'EXTERNAL', nodeId: 'oa', state: 'PENDING' });
    const key = { pk: `ISSUE#${round.issueId}`, sk: 'STAGE#stage-1#000001' };
    await api.keep({ ...(await api.item(key)), state: 'PAUSED' });
    expect((await api.call('DELETE', PATH)).status).toBe(409);
  });
});

describe('docs/lessons.md 51: a test approval', () => {
  it('keeps its unknown members, and does not change in an unknown state', async () => {
    const { place } = api.work;
    const test = testSchema.parse({ ...Object(sampleOf(testSchema)), testId: 'one', state: 'PENDING' });
    const key = { pk: PARTITIONS.tests, sk: 'one' };
    const stands = { ...Object(withNewerMembers(testSchema, test)), ...ITEM, ...key };
    await api.keep(stands);
    await api.keep({ ...stands, sk: 'two', testId: 'two', state: 'NEWER' });
    const open = await readOpenTests(place);
    expect(open.map(({ testId }) => testId)).toEqual(['one']);
    for (const read of open) await changeTest(place, read, { ...read, state: 'WITHDRAWN' });
    expect(await api.item(key)).toEqual({ ...stands, state: 'WITHDRAWN' });
    expect(await findTest(place, 'two')).toMatchObject({ state: 'NEWER' });
  });
});

describe('docs/lessons.md 51: the keys of a former app', () => {
  it('stay while a round in an unknown state may need them', async () => {
    await api.put();
    await keepSecret('feishu', (stands) => ({
      ...Object(stands),
      apps: { ...Object(stands).apps, cli_former: KEYS },
    }));
    const round = await api.keepRound({ appId: 'cli_former', state: 'PENDING' });
    const key = { pk: `ISSUE#${round.issueId}`, sk: 'STAGE#stage-1#000001' };
    await api.keep({ ...(await api.item(key)), state: 'PAUSED' });
    const later = { ...api.work, now: () => new Date(Date.now() + 3 * 24 * 60 * 60_000) };
    expect(await removeFormerApps(later)).toEqual([]);
    await api.keep({ ...(await api.item(key)), state: 'REJECTED' });
    expect(await removeFormerApps(later)).toEqual(['cli_former']);
  });
});

const KEYS = {
  appSecret: 'former-app-secret',
  encryptKey: 'former-encrypt-key',
  verificationToken: 'former-token',
};
