import { beforeEach, describe, expect, test } from 'vitest';
import { storeCredentials } from '../../../shared/settings/feishu-secret.ts';
import { removeFormerApps } from '../../../shared/setup/former-apps.ts';
import type { SetupContext } from '../../../shared/setup/setup-context.ts';
import type { SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

const HOUR = 60 * 60_000;

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});

const disable = () => api.call('DELETE', '/settings/feishu');

test('disabling before the first save stores nothing', async () => {
  expect(await disable()).toMatchObject({ status: 202, body: { withdrawing: 0 } });
  expect(await api.settings()).toBeUndefined();
});

test('disabled: every live approval is counted and hinted, definition and keys stay', async () => {
  const { body } = await api.put();
  const { appId } = api.simulator.app;
  await api.keepRound({ issueId: 'a', appId, state: 'PENDING' });
  await api.keepRound({ issueId: 'b', appId: 'cli_before', state: 'REQUESTED' });
  await api.keepRound({ issueId: 'c', appId, state: 'FAILED' });
  api.hints.length = 0;
  const answer = await disable();
  expect([answer.status, JSON.parse(answer.text)]).toEqual([202, { withdrawing: 2 }]);
  expect(api.hints).toHaveLength(3);
  expect((await api.get()).body).toMatchObject({
    enabled: false,
    approvalCode: body.approvalCode,
    withdrawing: 2,
  });
  expect(await api.secret()).toHaveProperty(['apps', appId]);
});

test('approvals at an OA are not withdrawn and not counted', async () => {
  await api.put();
  const oa = { channel: 'EXTERNAL', nodeId: 'oa', subject: { kind: 'STEP', id: 'step-1' } } as const;
  await api.keepRound({ issueId: 'a', ...oa, appId: undefined, state: 'PENDING' });
  expect((await api.get()).body.withdrawing).toBe(0);
  expect(JSON.parse((await disable()).text)).toEqual({ withdrawing: 0 });
  expect((await api.get()).body.withdrawing).toBe(0);
});

test('disabled twice, and enabled again: the same definition, and every hint is a new one', async () => {
  const { body } = await api.put();
  await api.keepRound({ issueId: 'a', appId: api.simulator.app.appId, state: 'PENDING' });
  await disable();
  await disable();
  const again = await api.put();
  expect(again.body).toMatchObject({ enabled: true, approvalCode: body.approvalCode });
  expect(api.simulator.control.definitions()).toHaveLength(1);
  const ids = api.hints.map(({ deduplicationId }) => deduplicationId);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('keys of a former app', () => {
  const later = (milliseconds: number): SetupContext => ({
    ...api.work,
    now: () => new Date(Date.now() + milliseconds),
  });
  const KEYS = { appSecret: 'former', encryptKey: 'former', verificationToken: 'former' };
  const keptApps = async () =>
    Object.keys(((await api.secret()) as { apps: Record<string, unknown> }).apps).toSorted();
  beforeEach(async () => {
    await storeCredentials(api.work.secret, 'cli_before', KEYS);
    await api.put();
  });

  test('are removed a day after the change of app; the definitions of both stay', async () => {
    const { appId } = api.simulator.app;
    expect(await removeFormerApps(later(23 * HOUR))).toEqual([]);
    expect(await keptApps()).toEqual([appId, 'cli_before'].toSorted());
    expect(await removeFormerApps(later(25 * HOUR))).toEqual(['cli_before']);
    expect(await keptApps()).toEqual([appId]);
    expect(await api.settings()).toHaveProperty(['definitions', appId]);
  });

  test.each([
    ['a live round', { state: 'PENDING' }, true],
    [
      'a closed round whose card is still open',
      { state: 'WITHDRAWN', settle: { what: 'OPEN', tries: 0 } },
      true,
    ],
    ['a closed round that is only tried again daily', { state: 'FAILED' }, false],
    [
      'a live round that an OA is asked about',
      { state: 'PENDING', channel: 'EXTERNAL', nodeId: 'oa' },
      false,
    ],
  ] as const)('with %s of it', async (_, changes, stay) => {
    await api.keepRound({ issueId: 'a', appId: 'cli_before', ...changes });
    expect(await removeFormerApps(later(25 * HOUR))).toEqual(stay ? [] : ['cli_before']);
  });
});

test('the schedule withdraws a test that nobody taps', async () => {
  await api.put();
  await api.call('POST', '/settings/feishu/check', JSON.stringify({ email: 'dba@example.com' }));
  expect(api.simulator.control.inbox('dba@example.com').pending).toHaveLength(1);
  await removeFormerApps({ ...api.work, now: () => new Date(Date.now() + 61 * 60_000) });
  expect(api.simulator.control.inbox('dba@example.com').pending).toEqual([]);
});
