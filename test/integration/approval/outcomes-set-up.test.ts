import { beforeEach, describe, expect, it } from 'vitest';
import type { EndpointName } from '../../../infra/local/simulators/feishu/endpoint-names.ts';
import { buildDefinition } from '../../../shared/feishu/definition.ts';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { approvalOf, approve, ringAndApprove, taskStatuses } from '../../support/stage-approval.ts';
import { sweepEachMinute } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

/** Problems of the set-up. The issue is correct, so no round fails, and all continues once the set-up is fixed. */

const database = useDatabase();
let core: Core;
beforeEach(async () => {
  core = await aCore(database());
  return () => core.close();
});

const control = () => core.simulator.control;
const pass = (minutes: number) => sweepEachMinute(core, database().documents, minutes);
const refuse = (endpoint: EndpointName, code: number) =>
  control().misbehave({ kind: 'ERROR_CODE', endpoint, code, status: 400 });

/** The problem, a function that begins it, and the message on the record. */
const problems: [string, () => void, RegExp][] = [
  [
    'a missing scope to create (99991672)',
    () => control().setScopes(['contact:user.id:readonly']),
    /Any one of these is enough: approval:approval.*Add it in the developer console.*99991672/,
  ],
  [
    'a missing scope to look people up (99991672)',
    () => control().setScopes(['approval:approval', 'approval:approval:readonly']),
    /contact:user\.id:readonly.*99991672/,
  ],
  [
    'the monthly quota (99991403)',
    () => control().setQuotaUsedUp(true),
    /monthly quota.*larger plan.*99991403/,
  ],
  ['a disabled app (99991662)', () => control().setAppEnabled(false), /app is disabled.*Enable it.*99991662/],
  [
    'a disabled definition (1390015)',
    () => control().setDefinitionStatus(core.settings.definitionCode, 'INACTIVE'),
    /definition is disabled\. Enable it.*1390015/,
  ],
  [
    'a deleted definition (1390016)',
    () => control().setDefinitionStatus(core.settings.definitionCode, 'DELETED'),
    /definition is deleted\. Save the Feishu settings again.*1390016/,
  ],
  [
    'an unknown definition (1390002)',
    () => refuse('createInstance', 1390002),
    /does not know.*definition.*1390002/,
  ],
  [
    'a refused app secret (10014)',
    () => refuse('token', 10014),
    /refused the app id or the app secret.*10014/,
  ],
];

describe('before a card is sent', () => {
  it.each(problems)(
    '%s: the round stays REQUESTED, says what to fix, and is sent within two minutes of the fix',
    async (_, begin, message) => {
      begin();
      core.simulator.control.expireTokens();
      await core.write(anIssue());
      const stopped = await approvalOf(core);
      expect(stopped).toMatchObject({ state: 'REQUESTED', error: { code: 'FEISHU_SETUP' } });
      expect(stopped?.error?.message).toMatch(message);
      expect(stopped?.error?.message).toContain('it is sent by itself once the set-up is fixed');
      expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);

      await pass(30);
      expect(await approvalOf(core)).toMatchObject({ state: 'REQUESTED', generation: 1 });
      control().behave();
      await pass(2);

      const sent = await approvalOf(core);
      expect(sent).toMatchObject({ state: 'PENDING', generation: 1 });
      expect(sent?.error).toBeUndefined();
      await pass(5);
      expect(control().instances()).toHaveLength(1);
      await approve(core);
    },
  );

  it('a ring meanwhile leads to a new round and to one card', async () => {
    control().setQuotaUsedUp(true);
    await core.write(anIssue());
    await core.edit(ISSUE, (issue) => {
      issue.bell = { seq: 1, rungBy: issue.creator.email, rungAt: '2026-03-01T09:00:00.000Z' };
    });
    control().behave();
    await pass(2);
    expect(core.pending()).toHaveLength(1);
    expect(control().instances()).toHaveLength(1);
    await approve(core);
  });
});

describe('while a card waits', () => {
  const lookProblems: typeof problems = [
    ...problems.filter(([name]) => /scope to create|quota|disabled app|app secret/.test(name)),
    ['a disabled definition (1390015)', () => refuse('getInstance', 1390015), /./],
    ['a deleted definition (1390016)', () => refuse('getInstance', 1390016), /./],
  ];

  it.each(lookProblems)(
    '%s: the round keeps its state, and its decision is found once the set-up is fixed',
    async (_, begin) => {
      await core.write(anIssue());
      const card = core.card();
      begin();
      control().expireTokens();
      control().approve(card.instanceCode, ASSIGNEE, 'fine');
      await core.receiveEvent(card, 'APPROVED');
      await pass(30);
      const waiting = await approvalOf(core);
      expect(waiting).toMatchObject({ state: 'PENDING', generation: 1, decisions: [] });
      expect(waiting?.error).toBeUndefined();
      expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);

      control().behave();
      await pass(2);
      expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', decisions: [{ comment: 'fine' }] });
      expect(await taskStatuses(core)).toEqual(['PENDING']);
    },
  );

  it('a disabled app: a rejection is found once the app is enabled, and a ring sends again', async () => {
    await core.write(anIssue());
    const card = core.card();
    control().setAppEnabled(false);
    control().reject(card.instanceCode, ASSIGNEE, 'no');
    await core.receiveEvent(card, 'REJECTED');
    control().behave();
    await pass(2);
    expect(await approvalOf(core)).toMatchObject({ state: 'REJECTED', decisions: [{ comment: 'no' }] });
    await ringAndApprove(core);
  });
});

describe('while a card is withdrawn', () => {
  const edit = (statement: string) =>
    core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ statement })] })];
    });

  it.each([1390002, 1390015, 1390016, 99991403, 99991662, 99991672])(
    'code %d: the round keeps its state, and once fixed the card is withdrawn and the new one sent',
    async (code) => {
      await core.write(anIssue());
      const old = core.card();
      refuse('cancelInstance', code);
      await edit('SELECT 2');
      await pass(10);
      expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
      expect(await core.rounds(ISSUE)).toHaveLength(1);

      control().behave();
      await pass(2);
      expect(control().instance(old.instanceCode)?.status).toBe('CANCELED');
      expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2 });
      await approve(core);
    },
  );

  it('the new card is sent even if the definition of the old one is replaced and deleted', async () => {
    await core.write(anIssue());
    const old = core.card();
    await core.saveSettings({ ...core.settings, definitionCode: await anotherDefinition() });
    refuse('cancelInstance', 1390016);
    await edit('SELECT 2');
    const [first] = await core.rounds(ISSUE);
    expect(first).toMatchObject({ state: 'WITHDRAWN', error: { code: 'CANCEL_REFUSED' } });
    expect(first?.error?.message).toContain('A decision on it will not be applied');
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2 });

    control().approve(old.instanceCode, ASSIGNEE);
    await core.receiveEvent(old, 'APPROVED');
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    await approve(core);
  });

  async function anotherDefinition(): Promise<string> {
    const setup = createFeishuSetup({
      baseUrl: core.simulator.url,
      now: core.clock.now,
      credentials: () => Promise.resolve(core.simulator.app),
    });
    const app = { appId: core.settings.appId, domain: 'feishu' } as const;
    const code = await setup.saveDefinition(app, buildDefinition());
    await setup.subscribe(app, code);
    return code;
  }
});

describe('a refusal that is about this request', () => {
  it.each([
    [60006, /does not accept a value of the form\. Shorten the SQL.*60006/],
    [1390001, /does not accept a parameter.*1390001/],
    [1390009, /does not allow the app this operation.*Run the check.*1390009/],
    [60005, /department of the creator.*60005/],
    [777, /unknown reason.*777/],
  ])('(code %d) fails the round, says what was refused, and a ring sends again', async (code, message) => {
    refuse('createInstance', code);
    await core.write(anIssue());
    const approval = await approvalOf(core);
    expect(approval).toMatchObject({ state: 'FAILED', error: { code: 'FEISHU_REFUSED' } });
    expect(approval?.error?.message).toMatch(message);
    expect(approval?.error?.message).toContain('the creator can ring the bell to try again');
    expect(approval?.error?.message).not.toContain('the simulator was told');
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    control().behave();
    await ringAndApprove(core);
  });

  it('after an unanswered create does not leave that card open when it appears late (docs/lessons.md 34)', async () => {
    control().misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
    control().misbehave({ kind: 'BAD_GATEWAY', endpoint: 'createInstance', times: 2 });
    refuse('getInstance', 1390003);
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ error: { code: 'FEISHU_UNAVAILABLE' } });
    refuse('createInstance', 60006);
    await core.clock.advance(60_000);
    await core.run(ISSUE);
    expect(await approvalOf(core)).toMatchObject({ state: 'FAILED', error: { code: 'FEISHU_REFUSED' } });
    expect(core.pending()).toHaveLength(1);
    control().behave();
    await pass(2);
    expect(core.pending()).toEqual([]);
    await ringAndApprove(core);
  });
});
