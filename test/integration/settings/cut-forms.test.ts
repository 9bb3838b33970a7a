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
  ['left out', {}, 'allow'],
  ['null', { cutForms: null }, 'allow'],
  ['allow', { cutForms: 'allow' }, 'allow'],
  ['refuse', { cutForms: 'refuse' }, 'refuse'],
])('cut forms, %s: stored, and returned by PUT, GET and the doctor', async (_, change, expected) => {
  await api.put({ cutForms: expected === 'allow' ? 'refuse' : 'allow' });
  const saved = await api.put(change);
  expect([saved.status, told(saved)]).toEqual([200, expect.objectContaining({ cutForms: expected })]);
  expect(told(await api.get())).toEqual(told(saved));
  expect(told(await api.call('POST', '/settings/feishu/check', '{}'))).toMatchObject({ cutForms: expected });
  expect(await api.settings()).toMatchObject({ cutForms: expected });
});

test('cut forms are returned as allowed for settings of earlier versions, and not before the first save', async () => {
  expect(told(await api.get())).not.toHaveProperty('cutForms');
  await api.put();
  const { cutForms: _, ...older } = (await api.item(settingsKey)) ?? {};
  await api.keep({ ...older, ...settingsKey });
  expect(told(await api.get())).toMatchObject({ cutForms: 'allow' });
});

test.each(['', 'ALLOW', 'maybe', true, 1, ['allow'], {}])(
  'cut forms of %j are 400 that names them, and nothing is stored',
  async (cutForms) => {
    const answer = await api.put({ cutForms });
    expect([answer.status, answer.body.code, answer.body.message]).toEqual([
      400,
      'BAD_REQUEST',
      'cutForms: must be allow or refuse',
    ]);
    expect(await api.settings()).toBeUndefined();
  },
);
