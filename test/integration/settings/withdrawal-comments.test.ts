import { expect, test } from 'vitest';
import { settingsKey } from '../../../shared/tables/approval-keys.ts';
import type { SettingsAnswer, SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});

const told = (answer: SettingsAnswer): unknown => JSON.parse(answer.text);

test.each([
  ['left out', {}, true],
  ['null', { withdrawalComments: null }, true],
  ['true', { withdrawalComments: true }, true],
  ['false', { withdrawalComments: false }, false],
])(
  'withdrawal comments, %s: stored, and returned by PUT, GET and the doctor',
  async (_, change, expected) => {
    await api.put({ withdrawalComments: !expected });
    const saved = await api.put(change);
    expect([saved.status, told(saved)]).toEqual([
      200,
      expect.objectContaining({ withdrawalComments: expected }),
    ]);
    expect(told(await api.get())).toEqual(told(saved));
    expect(told(await api.call('POST', '/settings/feishu/check', '{}'))).toMatchObject({
      withdrawalComments: expected,
    });
    expect(await api.settings()).toMatchObject({ withdrawalComments: expected });
  },
);

test('withdrawal comments are on for settings of earlier versions, and not returned before the first save', async () => {
  expect(told(await api.get())).not.toHaveProperty('withdrawalComments');
  await api.put();
  const { withdrawalComments: _, ...older } = (await api.item(settingsKey)) ?? {};
  await api.keep({ ...older, ...settingsKey });
  expect(told(await api.get())).toMatchObject({ withdrawalComments: true });
});

test.each(['', 'true', 'off', 0, 1, [false], {}])(
  'withdrawal comments of %j are 400 that names them, and nothing is stored',
  async (withdrawalComments) => {
    const answer = await api.put({ withdrawalComments });
    expect([answer.status, answer.body.code, answer.body.message]).toEqual([
      400,
      'BAD_REQUEST',
      'withdrawalComments: must be true or false',
    ]);
    expect(await api.settings()).toBeUndefined();
  },
);
