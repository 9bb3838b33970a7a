import { describe, expect, it } from 'vitest';
import { buildDefinition, type DefinitionBody } from '../../../shared/feishu/definition.ts';
import type { FeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { readDefinitions } from '../../../shared/settings/settings-store.ts';
import type { SetupContext } from '../../../shared/setup/setup-context.ts';
import { failing, type SettingsAnswer, type SettingsApi, setupOf } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

/** Which definition a save uses, and what is stored of earlier ones (ADR 14). */

let api: SettingsApi;
useSettingsApi((made) => {
  api = made;
});

const definitionOf = ({ body }: SettingsAnswer) => body.checks?.find(({ name }) => name === 'definition');
const writes = () => api.simulator.control.definitions().map((definition) => definition.writes);
const app = () => ({ appId: api.simulator.app.appId, domain: 'feishu' as const });
const setup = () => setupOf(api.simulator)(api.simulator.app.appSecret);
const saveElsewhere = (body: DefinitionBody): Promise<string> => setup().saveDefinition(app(), body);
const lacking = (approvalCode?: string): DefinitionBody => {
  const body = buildDefinition(approvalCode);
  const [first] = JSON.parse(body.form.form_content);
  return { ...body, form: { form_content: JSON.stringify([first]) } };
};
const refuseSubscription = () =>
  api.simulator.control.misbehave({
    kind: 'ERROR_CODE',
    endpoint: 'subscribe',
    code: 1390009,
    status: 403,
    times: 1,
  });
/** A context in which `saveDefinition` behaves differently. */
const saving = (change: (inner: FeishuSetup) => FeishuSetup['saveDefinition']): SetupContext => ({
  ...api.work,
  createSetup: (appSecret) => {
    const inner = setupOf(api.simulator)(appSecret);
    return { ...inner, saveDefinition: change(inner) };
  },
});
const deleteDefinition = (code: string) => api.simulator.control.setDefinitionStatus(code, 'DELETED');

describe('a save that is refused', () => {
  it('does not change which definition the next one uses', async () => {
    const first = (await api.put()).body.approvalCode;
    const before = await readDefinitions(api.work.place);
    const named = await saveElsewhere(buildDefinition());
    refuseSubscription();
    const refused = await api.put({ approvalCode: named });
    expect([refused.status, refused.body.approvalCode]).toEqual([422, undefined]);
    expect(await readDefinitions(api.work.place)).toEqual(before);
    expect((await api.put()).body.approvalCode).toBe(first);
  });

  it('names the definition that it created, and the next one uses it', async () => {
    refuseSubscription();
    const refused = await api.put();
    expect(refused.status).toBe(422);
    const [made] = api.simulator.control.definitions();
    expect(refused.body.approvalCode).toBe(made?.approvalCode);
    expect((await api.put()).body.approvalCode).toBe(made?.approvalCode);
  });

  it('names the definition that it replaced, and it is ours from then on', async () => {
    const approvalCode = await saveElsewhere(lacking());
    refuseSubscription();
    const refused = await api.put({ approvalCode, replaceDefinition: true });
    expect([refused.status, refused.body.approvalCode]).toEqual([422, approvalCode]);
    await saveElsewhere(lacking(approvalCode));
    const next = await api.put();
    expect([next.status, next.body.approvalCode]).toEqual([200, approvalCode]);
    expect(writes()).toEqual([4]);
  });
});

describe('a definition that we made, after another one was named', () => {
  it('is still brought up to date when it is chosen', async () => {
    const ours = (await api.put()).body.approvalCode ?? '';
    await api.put({ approvalCode: await saveElsewhere(buildDefinition()) });
    await saveElsewhere(lacking(ours));
    const answer = await api.put({ approvalCode: ours });
    expect(answer.status).toBe(200);
    expect(definitionOf(answer)?.detail).toBe('The approval definition was brought up to date.');
  });

  it('is used again when the named one is deleted, and no new one is created', async () => {
    const ours = (await api.put()).body.approvalCode ?? '';
    const named = await saveElsewhere(buildDefinition());
    await api.put({ approvalCode: named });
    deleteDefinition(named);
    const answer = await api.put();
    expect(answer.body.approvalCode).toBe(ours);
    expect(definitionOf(answer)?.detail).toBe(
      'The previous approval definition is deleted. An earlier one that this software made is used.',
    );
    expect(api.simulator.control.definitions()).toHaveLength(2);
    expect((await api.put()).body.approvalCode).toBe(ours);
  });

  it.each(['DELETED', 'INACTIVE'] as const)('is skipped if it is %s', async (status) => {
    const ours = (await api.put()).body.approvalCode ?? '';
    const named = await saveElsewhere(buildDefinition());
    await api.put({ approvalCode: named });
    deleteDefinition(named);
    api.simulator.control.setDefinitionStatus(ours, status);
    const answer = await api.put();
    expect([answer.status, definitionOf(answer)?.detail]).toEqual([
      200,
      'The approval definition was created.',
    ]);
    expect([ours, named]).not.toContain(answer.body.approvalCode);
  });

  it('keeps its time of creation through later saves', async () => {
    const ours = (await api.put()).body.approvalCode ?? '';
    const made = (await readDefinitions(api.work.place)).own[ours]?.createdAt;
    const later = new Date(Date.now() + 60_000);
    await api.put({}, { ...api.work, now: () => later, definitionVersion: 2 });
    const { inUse, own } = await readDefinitions(api.work.place);
    expect([inUse[app().appId], own[ours]]).toMatchObject(
      [1, 2].map(() => ({ createdAt: made, version: 2 })),
    );
  });

  it('is not written by an earlier version', async () => {
    await api.put({}, { ...api.work, definitionVersion: 2 });
    expect((await api.put()).status).toBe(200);
    expect((await api.put({}, { ...api.work, definitionVersion: 2 })).status).toBe(200);
    expect(writes()).toEqual([1]);
  });
});

describe('an overwrite', () => {
  const replace = async (work: SetupContext, approvalCode: string) =>
    api.put({ approvalCode, replaceDefinition: true }, work);

  it('of one that was named once makes it ours', async () => {
    const approvalCode = await saveElsewhere(buildDefinition());
    await api.put({ approvalCode });
    await saveElsewhere(lacking(approvalCode));
    expect((await replace(api.work, approvalCode)).status).toBe(200);
    await saveElsewhere(lacking(approvalCode));
    expect(definitionOf(await api.put())?.detail).toBe('The approval definition was brought up to date.');
  });

  it('without effect fails the check', async () => {
    const approvalCode = await saveElsewhere(lacking());
    const answer = await replace(
      saving(() => async () => approvalCode),
      approvalCode,
    );
    expect([answer.status, failing(answer)[0]]).toEqual([422, 'definition']);
    expect(definitionOf(answer)?.detail).toMatch(
      /^Feishu accepted the overwrite, but the approval definition differs from what was written: it lacks the widgets/,
    );
    expect(await api.settings()).toBeUndefined();
  });

  it('that is answered with another code fails the check, and the other one is ours', async () => {
    const approvalCode = await saveElsewhere(lacking());
    const answer = await replace(
      saving((inner) => (to) => inner.saveDefinition(to, buildDefinition())),
      approvalCode,
    );
    const other = api.simulator.control.definitions().at(-1)?.approvalCode ?? '';
    expect([answer.status, answer.body.approvalCode]).toEqual([422, other]);
    expect(definitionOf(answer)).toMatchObject({
      detail: `Feishu did not overwrite the approval definition, but created another one: ${other}.`,
      fix: expect.stringContaining(other),
    });
    const { own } = await readDefinitions(api.work.place);
    expect(own).toEqual({ [other]: expect.objectContaining({ made: true, version: 1 }) });
    expect((await api.put({ approvalCode })).status).toBe(422);
  });

  it('that ends before its result is stored makes the definition ours', async () => {
    const approvalCode = await saveElsewhere(lacking());
    const killed = saving((inner) => async (...given) => {
      await inner.saveDefinition(...given);
      throw new Error('killed');
    });
    expect((await replace(killed, approvalCode)).status).toBe(500);
    await saveElsewhere(lacking(approvalCode));
    expect((await api.put({ approvalCode })).status).toBe(200);
    expect((await readDefinitions(api.work.place)).own[approvalCode]).toMatchObject({
      made: true,
      version: 1,
    });
  });

  it('that Feishu refuses does not make the definition ours', async () => {
    const approvalCode = await saveElsewhere(lacking());
    api.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'createDefinition',
      code: 1390001,
      status: 400,
      times: 1,
    });
    expect((await replace(api.work, approvalCode)).status).toBe(422);
    expect((await readDefinitions(api.work.place)).own).toEqual({});
    expect((await api.put({ approvalCode })).status).toBe(422);
    expect(writes()).toEqual([1]);
  });
});

describe('the check says', () => {
  it('after an unanswered create where to look for the definition', async () => {
    api.simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createDefinition', times: 1 });
    expect(definitionOf(await api.put())).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/The definition may have been created nevertheless\.$/),
      fix: expect.stringMatching(/^Approval administration .*look for a new approval.*--approval-code/),
    });
  });

  it.each([
    [
      'is deleted',
      deleteDefinition,
      /is deleted in Feishu\. A save uses an earlier one .* or creates a new one/,
    ],
    [
      'would be overwritten',
      (code: string) => saveElsewhere(lacking(code)),
      /not as this version needs it: it lacks .* A save brings it up to date\.$/,
    ],
  ])(
    'what a save will do with a definition that %s, also if another check fails',
    async (_, change, says) => {
      await change((await api.put()).body.approvalCode ?? '');
      api.simulator.control.setBotEnabled(false);
      expect(definitionOf(await api.put())).toMatchObject({ ok: true, detail: expect.stringMatching(says) });
    },
  );
});
