import { beforeEach, describe, expect, it } from 'vitest';
import { buildDefinition } from '../../../shared/feishu/definition.ts';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

const HOUR = 60 * 60_000;

const theCore = useCore();
let core: Core;
beforeEach(() => {
  core = theCore();
});

const approval = async () => (await core.record(ISSUE)).stageApprovals?.['stage-1'];
const open = () => core.simulator.control.instances().filter((card) => card.status === 'PENDING');
const edit = (statement: string) =>
  core.edit(ISSUE, (issue) => {
    issue.stages = [aStage({ tasks: [aTask({ statement })] })];
  });
/** Lets days pass, with one reconcile each day. */
const days = async (count: number) => {
  for (let day = 0; day < count; day++) {
    await core.clock.advance(24 * HOUR);
    await core.run(ISSUE);
  }
};

/** Creates a second definition of the same app, as a save does when the first one is deleted. */
async function anotherDefinition(): Promise<string> {
  const setup = createFeishuSetup({
    baseUrl: core.simulator.url,
    now: core.clock.now,
    credentials: () => Promise.resolve(core.simulator.app),
  });
  return setup.saveDefinition({ appId: core.simulator.app.appId, domain: 'feishu' }, buildDefinition());
}

describe('a deleted definition', () => {
  it('does not block a request that was opened with it but not sent', async () => {
    core.simulator.control.setDefinitionStatus(core.settings.definitionCode, 'DELETED');
    await core.write(anIssue());
    expect(await approval()).toMatchObject({ state: 'REQUESTED', error: { code: 'FEISHU_SETUP' } });
    const definitionCode = await anotherDefinition();
    await core.saveSettings({ ...core.settings, definitionCode });
    await core.run(ISSUE);
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2, triggers: ['NEW_STAGE'] });
    expect(core.card().approvalCode).toBe(definitionCode);
  });
});

describe('a card that Feishu no longer shows', () => {
  const HIDE = { kind: 'ERROR_CODE', endpoint: 'getInstance', code: 1390009, status: 403 } as const;
  const UNKNOWN = { ...HIDE, code: 1390003, status: 400 } as const;
  const ring = () =>
    core.edit(ISSUE, (issue) => {
      issue.bell = { seq: 1, rungBy: issue.creator.email, rungAt: core.clock.date().toISOString() };
    });
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute++) {
      await core.clock.advance(60_000);
      await core.run(ISSUE);
    }
  };

  it('does not block the bell: it is left, and the next card is sent', async () => {
    await core.write(anIssue());
    core.simulator.control.misbehave(HIDE);
    await ring();
    await minutes(10);
    expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2, triggers: ['BELL'] });
    expect((await core.rounds(ISSUE))[0]).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'BELL',
      error: { code: 'CANCEL_REFUSED' },
    });
  });

  it('does not block another app', async () => {
    await core.write(anIssue());
    core.simulator.control.misbehave(HIDE);
    await core.saveSettings({ ...core.settings, appId: 'cli_other' });
    await minutes(10);
    const [first] = await core.rounds(ISSUE);
    expect(first).toMatchObject({ state: 'WITHDRAWN', error: { code: 'CANCEL_REFUSED' } });
    expect(await approval()).toMatchObject({ state: 'REQUESTED', generation: 2 });
  });

  it('is looked for only for a limited time', async () => {
    await core.write(anIssue());
    core.simulator.control.misbehave(UNKNOWN);
    await core.edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
    });
    expect((await core.rounds(ISSUE))[0]?.settle).toMatchObject({ what: 'OPEN' });
    await days(10);
    expect((await core.rounds(ISSUE))[0]?.settle).toBeUndefined();
  });

  it('docs/lessons.md 34: is found even if the settings were saved several times before Feishu shows it', async () => {
    await core.put(anIssue({ status: 'DONE' }));
    core.simulator.control.misbehave(
      { kind: 'COMMIT_LATE', endpoint: 'createInstance', ms: 300_000, times: 1 },
      { kind: 'BAD_GATEWAY', endpoint: 'createInstance', times: 2 },
    );
    await core.write(anIssue());
    await core.write(anIssue({ status: 'DONE' }));
    const approvalIds = (await core.rounds(ISSUE)).map((round) => round.approvalId);
    for (let saves = 0; saves < 5; saves++) {
      await core.clock.advance(10_000);
      await core.run(ISSUE, { kind: 'DUE', issueId: ISSUE, approvalIds, resync: true });
    }
    await core.clock.advance(300_000);
    expect(open()).toHaveLength(1);
    await days(2);
    expect(open()).toEqual([]);
  });
});

describe('a card that Feishu refuses to cancel', () => {
  const REFUSE = { kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390009, status: 403 } as const;

  it('is tried again as long as it is open', async () => {
    await core.write(anIssue());
    core.simulator.control.misbehave(REFUSE);
    await edit('SELECT 2');
    await days(10);
    expect(open()).toHaveLength(2);
    core.simulator.control.clearFaults('calls');
    await days(1);
    expect(open()).toHaveLength(1);
  });

  it('is left when somebody decides it, and the decision is stored as not applied', async () => {
    await core.write(anIssue());
    const { instanceCode } = core.card();
    core.simulator.control.misbehave(REFUSE);
    await edit('SELECT 2');
    await days(3);
    core.simulator.control.approve(instanceCode, ASSIGNEE);
    await days(1);
    const [first] = await core.rounds(ISSUE);
    expect(first).toMatchObject({ state: 'WITHDRAWN', decisions: [{ result: 'APPROVED', applied: false }] });
    expect(first?.settle).toBeUndefined();
    expect((await core.record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING_APPROVAL');
  });

  it('is given up when its app is disabled and replaced', async () => {
    await core.write(anIssue());
    core.simulator.control.misbehave(REFUSE);
    await edit('SELECT 2');
    await core.edit(ISSUE, (issue) => {
      issue.status = 'DONE';
    });
    core.simulator.control.clearFaults('calls');
    core.simulator.control.setAppEnabled(false);
    await core.saveSettings({ ...core.settings, appId: 'cli_other' });
    await days(5);
    expect((await core.rounds(ISSUE)).map(({ settle }) => settle)).toEqual([undefined, undefined]);
  });
});
