import { describe, expect, it } from 'vitest';
import { buildDefinition, type DefinitionBody } from '../../../shared/feishu/definition.ts';
import { createWebhookLog } from '../../../shared/settings/webhook-log.ts';
import { settingsKey } from '../../../shared/tables/approval-keys.ts';
import { failing, type SettingsAnswer, type SettingsApi, setupOf } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

const UNPROVEN = ['encryption', 'events'];
const LACKS_ALL_BUT_ISSUE = 'The approval definition does not fit: it lacks the widgets stage, environment,';

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});

const definitionOf = ({ body }: SettingsAnswer) => body.checks?.find(({ name }) => name === 'definition');
const writes = () => api.simulator.control.definitions().map((definition) => definition.writes);
const remembered = async () => (await api.settings())?.definitions[api.simulator.app.appId];

/** Creates or overwrites a definition without our settings, as somebody else does. Returns its code. */
const saveElsewhere = (body: DefinitionBody): Promise<string> =>
  setupOf(api.simulator)(api.simulator.app.appSecret).saveDefinition(
    { appId: api.simulator.app.appId, domain: 'feishu' },
    body,
  );
/** Our node and only the first of our widgets. */
const lacking = (approvalCode?: string): DefinitionBody => {
  const body = buildDefinition(approvalCode);
  const [first] = JSON.parse(body.form.form_content);
  return { ...body, form: { form_content: JSON.stringify([first]) } };
};
/** Stores a definition as versions before `made` did. */
async function forgetWhoMadeIt(version = 1) {
  const item = { ...(await api.item(settingsKey)) };
  delete item.ownDefinitions;
  const entry = await remembered();
  const { made: _, ...unmarked } = entry ?? { made: undefined };
  await api.keep({
    ...item,
    ...settingsKey,
    definitions: { [api.simulator.app.appId]: { ...unmarked, version } },
  });
}

describe('a definition', () => {
  it('enabled twice: one write, and nine checks pass once Feishu has called (docs/lessons.md 49)', async () => {
    const { work } = api;
    const first = await api.put({}, work);
    expect(definitionOf(first)?.detail).toBe('The approval definition was created.');
    const second = await api.put({}, work);
    expect(second.status).toBe(200);
    expect(definitionOf(second)?.detail).toBe('The approval definition is as it must be.');
    expect(writes()).toEqual([1]);
    expect(api.simulator.control.calls().calls.createDefinition).toBe(1);
    const notes = createWebhookLog(api.work.place, () => new Date());
    await notes.record(api.simulator.app, 'CHALLENGE');
    await notes.record(api.simulator.app, 'APPROVAL');
    const doctor = await api.call('POST', '/settings/feishu/check', '{}', work);
    expect(doctor.body.checks?.map(({ ok }) => ok)).toEqual(Array(9).fill(true));
    expect(writes()).toEqual([1]);
  });

  it('one that we made is restored when somebody changed its form, and then left alone', async () => {
    const { work } = api;
    const approvalCode = (await api.put({}, work)).body.approvalCode ?? '';
    await saveElsewhere(lacking(approvalCode));
    const doctor = await api.call('POST', '/settings/feishu/check', '{}', work);
    expect(definitionOf(doctor)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/not as this version needs it: it lacks the widgets stage, /),
      fix: expect.stringContaining('the save brings it up to date'),
    });
    expect(definitionOf(await api.put({}, work))?.detail).toBe(
      'The approval definition was brought up to date.',
    );
    expect((await api.put({}, work)).status).toBe(200);
    expect(writes()).toEqual([3]);
  });

  it('one that we did not make and that fits is used without a write, also in a later version', async () => {
    const approvalCode = await saveElsewhere(buildDefinition());
    const { work } = api;
    const answer = await api.put({ approvalCode }, work);
    expect([answer.status, answer.body.approvalCode]).toEqual([200, approvalCode]);
    expect(await remembered()).toMatchObject({ code: approvalCode, made: false });
    expect((await api.put({}, { ...work, definitionVersion: 2 })).status).toBe(200);
    expect(writes()).toEqual([1]);
  });

  it('one that was only named is not overwritten later on either (docs/lessons.md 49)', async () => {
    const approvalCode = await saveElsewhere(buildDefinition());
    const { work } = api;
    await api.put({ approvalCode }, work);
    await saveElsewhere(lacking(approvalCode));
    const settings = await api.settings();
    for (const change of [{}, { approvalCode }]) {
      const answer = await api.put(change, { ...work, definitionVersion: 2 });
      expect(answer.status).toBe(422);
      expect(definitionOf(answer)?.detail).toContain(LACKS_ALL_BUT_ISSUE);
    }
    expect(definitionOf(await api.call('POST', '/settings/feishu/check', '{}', work))?.detail).toContain(
      LACKS_ALL_BUT_ISSUE,
    );
    expect(writes()).toEqual([2]);
    expect((await api.settings())?.definitions).toEqual(settings?.definitions);
  });

  it('one that we did not make and that does not fit is refused, and the check says what it lacks (docs/lessons.md 49)', async () => {
    const approvalCode = await saveElsewhere(lacking());
    const answer = await api.put({ approvalCode });
    expect(answer.status).toBe(422);
    expect(failing(answer)).toEqual(['definition', 'subscription', ...UNPROVEN]);
    expect(definitionOf(answer)).toMatchObject({
      detail: expect.stringContaining(LACKS_ALL_BUT_ISSUE),
      fix: expect.stringContaining('--replace-definition'),
    });
    expect(writes()).toEqual([1]);
    expect(await api.settings()).toBeUndefined();
    expect(await api.secret()).toBeUndefined();
  });

  it('one with another node is refused, and the check names the node', async () => {
    const body = buildDefinition();
    const approvalCode = await saveElsewhere({
      ...body,
      node_list: body.node_list.map((node) => (node.name ? { ...node, id: 'approve-here' } : node)),
    });
    const answer = await api.put({ approvalCode });
    expect(answer.status).toBe(422);
    expect(definitionOf(answer)?.detail).toBe(
      'The approval definition does not fit: it lacks the node frabit-approver with a chosen approver; it has other nodes with a chosen approver: approve-here.',
    );
    expect(writes()).toEqual([1]);
  });

  it('is overwritten once with replaceDefinition, and is ours from then on', async () => {
    const approvalCode = await saveElsewhere(lacking());
    const { work } = api;
    const replace = { approvalCode, replaceDefinition: true };
    const answer = await api.put(replace, work);
    expect([answer.status, answer.body.approvalCode]).toEqual([200, approvalCode]);
    expect(definitionOf(answer)?.detail).toBe('The approval definition was replaced.');
    expect(await remembered()).toMatchObject({ code: approvalCode, made: true });
    expect((await api.put(replace, work)).status).toBe(200);
    expect(writes()).toEqual([2]);
    expect((await api.put({}, { ...work, definitionVersion: 2 })).status).toBe(200);
    expect(writes()).toEqual([3]);
  });

  it('that fits does not change with replaceDefinition, and does not become ours', async () => {
    const approvalCode = await saveElsewhere(buildDefinition());
    expect((await api.put({ approvalCode, replaceDefinition: true })).status).toBe(200);
    expect(writes()).toEqual([1]);
    expect(await remembered()).toMatchObject({ made: false });
  });

  it('of an entry without `made`: not written while it fits, brought up to date if a later version needs more', async () => {
    const { work } = api;
    const approvalCode = (await api.put({}, work)).body.approvalCode ?? '';
    await forgetWhoMadeIt();
    const raised = { ...work, definitionVersion: 2 };
    expect((await api.put({}, raised)).status).toBe(200);
    expect(writes()).toEqual([1]);
    expect(await remembered()).not.toHaveProperty('made');
    await saveElsewhere(lacking(approvalCode));
    const later = { ...work, definitionVersion: 3 };
    expect((await api.put({}, later)).status).toBe(200);
    expect((await api.put({}, later)).status).toBe(200);
    expect(writes()).toEqual([3]);
    expect(await remembered()).toMatchObject({ made: true, version: 3 });
  });

  it('of an entry without `made`: not overwritten if it has something foreign (docs/lessons.md 49)', async () => {
    const { work } = api;
    const approvalCode = (await api.put({}, work)).body.approvalCode ?? '';
    await forgetWhoMadeIt();
    const body = buildDefinition(approvalCode);
    const widgets = JSON.parse(body.form.form_content);
    const theirs = { ...widgets[0], id: 'budget', type: 'number' };
    await saveElsewhere({ ...body, form: { form_content: JSON.stringify([...widgets, theirs]) } });
    const answer = await api.put({}, { ...work, definitionVersion: 2 });
    expect(answer.status).toBe(422);
    expect(definitionOf(answer)?.detail).toContain('it has extra widgets: budget');
    expect(writes()).toEqual([2]);
  });

  it.each([
    ['INACTIVE', 'is disabled', 'click Enable'],
    ['DELETED', 'is deleted', 'another definition'],
    ['unknown', 'does not know the approval definition, or another app made it', 'Copy the code again'],
  ] as const)(
    'one that is %s is reported as that, and none is created or overwritten',
    async (state, says, fix) => {
      const approvalCode = state === 'unknown' ? 'NO-SUCH-CODE' : await saveElsewhere(buildDefinition());
      if (state !== 'unknown') api.simulator.control.setDefinitionStatus(approvalCode, state);
      const before = writes();
      const answer = await api.put({ approvalCode, replaceDefinition: true });
      expect(answer.status).toBe(422);
      expect(failing(answer)).toEqual(['definition', 'subscription', ...UNPROVEN]);
      expect(definitionOf(answer)).toMatchObject({
        detail: expect.stringContaining(says),
        fix: expect.stringContaining(fix),
      });
      expect(writes()).toEqual(before);
    },
  );
});

describe('replaceDefinition', () => {
  it.each([null, 'true', 1, {}, []])(
    'is true or false, not %j: 400 that names it',
    async (replaceDefinition) => {
      const answer = await api.put({ approvalCode: 'CODE', replaceDefinition });
      expect([answer.status, answer.body.code, answer.body.message]).toEqual([
        400,
        'BAD_REQUEST',
        'replaceDefinition: must be true or false',
      ]);
    },
  );

  it.each([undefined, null, '', '  '])('needs a definition to replace, not %j', async (approvalCode) => {
    const answer = await api.put({ approvalCode, replaceDefinition: true });
    expect([answer.status, answer.body.message]).toEqual([
      400,
      'replaceDefinition: needs the approvalCode of the definition to replace',
    ]);
    expect((await api.put({ approvalCode, replaceDefinition: false })).status).toBe(200);
  });

  it('counts also if another check fails: the check says what the save would do', async () => {
    const approvalCode = await saveElsewhere(lacking());
    api.simulator.control.setBotEnabled(false);
    const told = async (replaceDefinition: boolean) =>
      definitionOf(await api.put({ approvalCode, replaceDefinition }));
    expect(await told(false)).toMatchObject({ ok: false });
    expect(await told(true)).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/A save replaces it\.$/),
    });
    expect(writes()).toEqual([1]);
  });
});
