import { describe, expect, it } from 'vitest';
import type { Check } from '../../../shared/settings/settings.ts';
import { failing, type SettingsAnswer, type SettingsApi } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

const REQUIRED = ['approval:approval', 'approval:approval:readonly', 'contact:user.id:readonly'];
const TO_REMIND = 'scope:im:message:send_as_bot';
const UNPROVEN = ['encryption', 'events'];

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});

const told = (answer: SettingsAnswer): unknown => JSON.parse(answer.text);
const checkOf = (answer: SettingsAnswer): Check | undefined =>
  answer.body.checks?.find((check) => check.name === TO_REMIND);

describe('the hours of reminders and expiry', () => {
  it('are off if they are not given, and then not returned', async () => {
    const answer = await api.put();
    for (const name of ['reminderHours', 'expiryHours']) expect(told(answer)).not.toHaveProperty(name);
    expect(await api.settings()).not.toHaveProperty('reminderHours');
    expect(await api.settings()).not.toHaveProperty('expiryHours');
  });

  it.each([0.1, 24, 8760])('of %f are stored, and returned by PUT and GET', async (hours) => {
    const saved = await api.put({ reminderHours: hours, expiryHours: hours });
    expect(saved.status).toBe(200);
    expect(told(saved)).toMatchObject({ reminderHours: hours, expiryHours: hours });
    expect(told(await api.get())).toEqual(told(saved));
    expect(await api.settings()).toMatchObject({ reminderHours: hours, expiryHours: hours });
  });

  it.each([
    ['left out', {}],
    ['null', { reminderHours: null, expiryHours: null }],
  ])('are switched off by a save in which they are %s', async (_, changes) => {
    await api.put({ reminderHours: 24, expiryHours: 72 });
    const answer = await api.put(changes);
    expect(answer.status).toBe(200);
    for (const name of ['reminderHours', 'expiryHours']) {
      expect(told(answer)).not.toHaveProperty(name);
      expect(await api.settings()).not.toHaveProperty(name);
    }
    expect(checkOf(answer)).toBeUndefined();
  });

  it.each([0, -1, 0.09, 8760.1, '24', true, [24]])(
    'of %j are 400 with the rule, and nothing is stored',
    async (hours) => {
      for (const name of ['reminderHours', 'expiryHours']) {
        const answer = await api.put({ [name]: hours });
        expect([answer.status, answer.body.code]).toEqual([400, 'BAD_REQUEST']);
        expect(answer.body.message).toContain(name);
        expect(answer.body.message).toContain('must be a number of hours from 0.1 to 8760');
      }
      expect(await api.settings()).toBeUndefined();
    },
  );
});

describe('the scope that reminders need', () => {
  it('is not checked without reminders, with or without expiry', async () => {
    expect(checkOf(await api.put({ expiryHours: 72 }))).toBeUndefined();
  });

  it.each(['im:message:send_as_bot', 'im:message', 'im:message:send'])('passes with %s', async (scope) => {
    api.simulator.control.setScopes([...REQUIRED, scope]);
    const answer = await api.put({ reminderHours: 24 });
    expect(checkOf(answer)).toEqual({ name: TO_REMIND, ok: true, detail: `${scope} is granted.` });
  });

  it('is reported with a fix if it is missing, and stops nothing', async () => {
    api.simulator.control.setScopes(REQUIRED);
    const answer = await api.put({ reminderHours: 24 });
    expect(answer.status).toBe(200);
    expect(failing(answer)).toEqual([TO_REMIND, ...UNPROVEN]);
    expect(checkOf(answer)).toMatchObject({
      detail: expect.stringContaining('nobody is reminded'),
      fix: expect.stringContaining('im:message:send_as_bot'),
    });
    expect(await api.settings()).toMatchObject({ enabled: true, reminderHours: 24 });
  });

  it('waits for the credentials like the other scopes', async () => {
    const answer = await api.put({ appSecret: 'wrong', reminderHours: 24 });
    expect(answer.status).toBe(422);
    expect(checkOf(answer)).toMatchObject({ ok: false, detail: expect.stringContaining('credentials') });
  });
});
