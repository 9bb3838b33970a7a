import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as CreateChannels from '../../shared/approval/channels/create-channels.ts';
import type * as Registration from '../../shared/approval/channels/registration.ts';
import { describeChannel } from '../support/channel-suite.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../support/core.ts';
import { anIssue, aStage, aTask } from '../support/issue.ts';
import { startMemoryDatabase } from '../support/memory-database.ts';
import { box, type Mail, newMailbox } from './mailbox.ts';

/**
 * A third channel, in this folder alone, proves the seam: no line of the product changes but the two of the
 * registration, which these mocks stand for (docs/channels.md).
 */
vi.mock('../../shared/approval/channels/registration.ts', async (importOriginal) => {
  const { POLICIES, CHANNEL_OF } = await importOriginal<typeof Registration>();
  const { MAIL_POLICY } = await import('./mail-policy.ts');
  return { POLICIES: { ...POLICIES, MAIL: MAIL_POLICY }, CHANNEL_OF: { ...CHANNEL_OF, STAGE: 'MAIL' } };
});

vi.mock('../../shared/approval/channels/create-channels.ts', async (importOriginal) => {
  const original = await importOriginal<typeof CreateChannels>();
  const { createMailChannel } = await import('./mail-channel.ts');
  const createChannels: typeof original.createChannels = (services) => ({
    ...original.createChannels(services),
    MAIL: createMailChannel(services),
  });
  return { ...original, createChannels };
});

let current: Core | undefined;
beforeEach(async () => {
  newMailbox();
  current = await aCore(await startMemoryDatabase());
});
afterEach(() => current?.close());

const core = (): Core => {
  if (!current) throw new Error('the core starts before each test');
  return current;
};

const lastMail = (): Mail => {
  const mail = box().mails.at(-1);
  if (!mail) throw new Error('no mail was sent');
  return mail;
};

describeChannel(
  'e-mail',
  {
    subject: { kind: 'STAGE', id: 'stage-1' },
    asked: () => box().mails,
    approve: (_, comment) => box().decide(lastMail().mailId, 'APPROVED', comment),
    reject: (_, comment) => box().decide(lastMail().mailId, 'REJECTED', comment),
    loseAnswer: () => {
      box().fault = 'LOSE_ANSWER';
    },
    fail: () => {
      box().fault = 'FAIL';
    },
    limit: (_, limitSeconds) => {
      box().fault = { limitSeconds };
    },
    decider: { email: ASSIGNEE },
    unasked: 'UNKNOWN',
  },
  core,
);

describe('the story of the demo by e-mail', () => {
  const LEAD = 'lead@example.com';
  const decide = async (status: 'APPROVED' | 'REJECTED', comment: string) => {
    const { mailId } = lastMail();
    box().decide(mailId, status, comment);
    const approvalId = mailId.replace('mail-', '');
    const pointer = await core().work.store.findIssue({ approvalId });
    if (!pointer) throw new Error('the mail belongs to no approval');
    await core().run(ISSUE, { kind: 'EXTERNAL_EVENT', ...pointer, eventId: `decided ${mailId}` });
  };
  const approval = async (stageId: string) => (await core().record(ISSUE)).stageApprovals?.[stageId];
  const statuses = () => box().mails.map(({ to, status }) => `${to} ${status}`);
  const ring = (seq: number) =>
    core().edit(ISSUE, (issue) => {
      const rungAt = core().clock.date().toISOString();
      issue.bell = { seq, rungAt, rungBy: issue.creator.email };
    });

  it('sends, withdraws, approves and rejects as in Feishu', async () => {
    const stages = ['test', 'production'].map((stageId) =>
      aStage({ stageId, tasks: [aTask({ taskId: `of-${stageId}`, statement: `SELECT '${stageId}';` })] }),
    );
    await core().write(anIssue({ stages, currentStageId: 'test' }));
    expect(statuses()).toEqual([`${ASSIGNEE} PENDING`]);
    expect(await approval('test')).toMatchObject({
      channel: 'MAIL',
      state: 'PENDING',
      ref: { mailId: lastMail().mailId },
    });

    await core().edit(ISSUE, (issue) => {
      issue.assignee = { email: LEAD };
    });
    expect(statuses()).toEqual([`${ASSIGNEE} CANCELED`, `${LEAD} PENDING`]);

    await core().edit(ISSUE, ({ stages: [stage] }) => {
      for (const task of stage?.tasks ?? []) task.statement = 'SELECT 2;';
    });
    expect(statuses().slice(1)).toEqual([`${LEAD} CANCELED`, `${LEAD} PENDING`]);
    expect(lastMail().text).toContain('SELECT 2;');
    expect((await approval('test'))?.triggers).toEqual(['STATEMENT_CHANGED']);

    await ring(1);
    expect(statuses().slice(2)).toEqual([`${LEAD} CANCELED`, `${LEAD} PENDING`]);

    await decide('APPROVED', 'Fine.');
    expect(await approval('test')).toMatchObject({
      state: 'APPROVED',
      decisions: [{ result: 'APPROVED', by: { email: LEAD }, applied: true, comment: 'Fine.' }],
    });
    expect((await core().record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');

    await core().edit(ISSUE, (issue) => {
      issue.currentStageId = 'production';
    });
    expect(lastMail()).toMatchObject({ to: LEAD, status: 'PENDING' });

    await decide('REJECTED', 'After the release.');
    expect(await approval('production')).toMatchObject({ state: 'REJECTED' });
    expect((await core().record(ISSUE)).stages[1]?.tasks[0]?.status).toBe('PENDING_APPROVAL');

    await ring(2);
    await decide('APPROVED', 'Now.');
    expect(await approval('production')).toMatchObject({ state: 'APPROVED' });
    expect(core().simulator.control.inbox(ASSIGNEE)).toMatchObject({ pending: [], decided: [] });
  });

  it('says so on the issue when the assignee has no mailbox', async () => {
    box().strangers.add(ASSIGNEE);
    await core().write(anIssue());
    const [entry] = Object.values((await core().record(ISSUE)).stageApprovals ?? {});
    expect(entry).toMatchObject({ state: 'FAILED', error: { code: 'NOBODY_BY_MAIL' } });
  });

  it('withdraws the mail when the issue is canceled', async () => {
    await core().write(anIssue());
    const [first] = box().mails;
    await core().edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
    });
    await core().run(ISSUE);
    expect(first).toMatchObject({ status: 'CANCELED' });
  });
});
