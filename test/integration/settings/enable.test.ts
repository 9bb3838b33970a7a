import { expect, test } from 'vitest';
import { AppError } from '../../../shared/runtime/errors.ts';
import { CHECK_NAMES } from '../../../shared/settings/settings.ts';
import { settingsKey } from '../../../shared/tables/approval-keys.ts';
import { failing, type SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

const UNPROVEN = ['encryption', 'events'];
const MESSAGES = 'scope:im:message:send_as_bot';
/** The scope of messages is checked only with reminders. */
const USUAL = CHECK_NAMES.filter((name) => name !== MESSAGES);

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});

test('a save creates a definition, subscribes to it, stores the keys and returns all of it', async () => {
  const answer = await api.put();
  const { status, body } = answer;
  expect(status).toBe(200);
  const [definition] = api.simulator.control.definitions();
  expect(body).toMatchObject({
    enabled: true,
    appId: api.simulator.app.appId,
    domain: 'feishu',
    approvalCode: definition?.approvalCode,
    withdrawing: 0,
  });
  expect(body.bot?.openId).toMatch(/^ou_/);
  expect(body.checks?.map((check) => check.name)).toEqual(USUAL);
  expect(failing(answer)).toEqual(UNPROVEN);
  const { appId, ...keys } = api.simulator.app;
  expect(await api.secret()).toEqual({ apps: { [appId]: keys } });
  expect(await api.settings()).toMatchObject({
    enabled: true,
    appId,
    definitionCode: definition?.approvalCode,
    revision: 1,
  });
  expect(api.simulator.control.calls().calls.subscribe).toBe(1);
});

test('GET returns what PUT returned, without any secret', async () => {
  expect((await api.get()).body).toEqual({ enabled: false, checks: [], withdrawing: 0 });
  const saved = await api.put();
  const read = await api.get();
  expect(read.status).toBe(200);
  expect(read.body).toEqual(saved.body);
  const { appSecret, encryptKey, verificationToken } = api.simulator.app;
  for (const value of [appSecret, encryptKey, verificationToken]) {
    expect(read.text + saved.text).not.toContain(value);
  }
});

test.each([
  [
    'a wrong app secret',
    () => ({ appSecret: 'wrong' }),
    [
      'credentials',
      'bot',
      'scope:approval:approval',
      'scope:approval:approval:readonly',
      'scope:contact:user.id:readonly',
      'definition',
      'subscription',
    ],
  ],
  ['no bot', () => api.simulator.control.setBotEnabled(false), ['bot', 'definition', 'subscription']],
  [
    'a missing scope',
    () => api.simulator.control.setScopes(['approval:approval', 'approval:approval:readonly']),
    ['scope:contact:user.id:readonly', 'definition', 'subscription'],
  ],
] as const)('%s: 422 with every check, and nothing is stored or created', async (_, spoil, expected) => {
  const answer = await api.put(spoil() ?? {});
  const { status, text, body } = answer;
  expect(status).toBe(422);
  expect(Object.keys(JSON.parse(text))).toEqual(['checks']);
  expect(body.checks?.map((check) => check.name)).toEqual(USUAL);
  expect(failing(answer)).toEqual([...expected, ...UNPROVEN]);
  expect(api.simulator.control.definitions()).toEqual([]);
  expect(await api.secret()).toBeUndefined();
  expect(await api.item(settingsKey)).toBeUndefined();
});
test('a refused save does not change the settings', async () => {
  const { body } = await api.put();
  expect((await api.put({ appSecret: 'wrong' })).status).toBe(422);
  expect((await api.get()).body).toEqual(body);
});

test('says that an app belongs to the other platform, and never returns its secret (docs/lessons.md 12)', async () => {
  const { body, text } = await api.put({ appId: 'cli_unknown', appSecret: 'very-secret' });
  expect(body.checks?.[0]?.detail).toContain('this platform (Feishu or Lark)');
  expect(text).not.toContain('very-secret');
});

test('after saving every due issue is hinted with its approvals, and the walk starts at once', async () => {
  const cursor = { pk: 'SWEEP', sk: 'CURSOR' };
  await api.keep({ ...cursor, issueId: 'in the middle' });
  const rounds = [
    await api.keepRound({ issueId: 'a', state: 'REQUESTED' }),
    await api.keepRound({ issueId: 'b', state: 'FAILED', generation: 1 }),
    await api.keepRound({ issueId: 'b', state: 'PENDING', generation: 2 }),
  ];
  await api.put();
  const hinted = api.hints.map(({ hint }) =>
    hint.kind === 'DUE' ? [hint.issueId, hint.approvalIds.toSorted()] : hint,
  );
  expect(hinted.toSorted()).toEqual([
    ['a', [rounds[0]?.approvalId]],
    ['b', [rounds[1]?.approvalId, rounds[2]?.approvalId].toSorted()],
  ]);
  expect(await api.item(cursor)).toEqual({ ...cursor, resets: 1 });
  const first = api.hints.map(({ deduplicationId }) => deduplicationId);
  api.hints.length = 0;
  await api.put();
  expect(api.hints).toHaveLength(2);
  expect(api.hints.filter(({ deduplicationId }) => first.includes(deduplicationId))).toEqual([]);
});

test('live approvals of the previous app are counted and hinted', async () => {
  const { appId } = api.simulator.app;
  await api.keepRound({ issueId: 'a', appId: 'cli_before', state: 'PENDING' });
  await api.keepRound({ issueId: 'b', appId: 'cli_before', state: 'REJECTED' });
  await api.keepRound({ issueId: 'c', appId, state: 'PENDING' });
  expect((await api.put()).body.withdrawing).toBe(1);
  expect(api.hints).toHaveLength(3);
  expect((await api.get()).body.withdrawing).toBe(1);
});

test('a save stays if the queue cannot be reached', async () => {
  await api.keepRound({ issueId: 'a' });
  const broken = { send: () => Promise.reject(new AppError('QUEUE_UNAVAILABLE', 'x', { retryable: true })) };
  expect((await api.put({}, { ...api.work, queue: broken })).status).toBe(200);
  expect((await api.settings())?.enabled).toBe(true);
});
