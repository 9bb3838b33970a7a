import { beforeEach, expect, test } from 'vitest';
import { openRequest } from '../../../shared/feishu/webhook.ts';
import { createFeishuSecretReader } from '../../../shared/settings/feishu-secret.ts';
import { anInstanceEvent, bodyOf, signed } from '../../support/feishu-push.ts';
import type { SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});
beforeEach(async () => {
  await api.put();
});

/** Whether a container that starts now accepts an event with these keys. */
async function opens(app: SettingsApi['simulator']['app']): Promise<boolean> {
  const reader = createFeishuSecretReader({ ...api.work.secret, now: Date.now });
  const keys = (await reader.candidates()).flatMap(({ secret }) =>
    Object.entries(secret.apps).map(([appId, of]) => ({ appId, ...of })),
  );
  const body = bodyOf(app.encryptKey, anInstanceEvent(app));
  const headers = signed(app.encryptKey, body);
  return openRequest({ headers, body: Buffer.from(body) }, keys).kind === 'APPROVAL';
}

test.each([
  ['the Encrypt Key', { encryptKey: true }],
  ['the Verification Token', { verificationToken: true }],
  ['all three', { appSecret: true, encryptKey: true, verificationToken: true }],
] as const)(
  '%s rotated and saved: events with the keys before and after are both taken (docs/lessons.md 17)',
  async (_, what) => {
    const before = { ...api.simulator.app };
    api.simulator.control.rotate(what);
    expect((await api.put()).status).toBe(200);
    expect([await opens(before), await opens(api.simulator.app)]).toEqual([true, true]);
  },
);

test('accepts events with the first keys after two rotations, each with a save', async () => {
  const before = { ...api.simulator.app };
  api.simulator.control.rotate({ encryptKey: true });
  await api.put();
  api.simulator.control.rotate({ appSecret: true });
  await api.put();
  api.simulator.control.rotate({ appSecret: true });
  await api.put();
  expect([await opens(before), await opens(api.simulator.app)]).toEqual([true, true]);
});

test('the check says what to do about a rotated app secret that is not saved, and the settings stay', async () => {
  const { appSecret } = api.simulator.app;
  const before = (await api.get()).body;
  api.simulator.control.rotate({ appSecret: true });
  const answer = await api.put({ appSecret });
  expect(answer.status).toBe(422);
  expect(answer.body.checks?.[0]).toMatchObject({
    name: 'credentials',
    ok: false,
    fix: expect.stringContaining('Credentials & Basic Info'),
  });
  expect((await api.get()).body).toEqual(before);
});
