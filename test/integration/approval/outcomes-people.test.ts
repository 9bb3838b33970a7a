import { beforeEach, describe, expect, it } from 'vitest';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import {
  approvalOf,
  approve,
  commentsOf,
  ringAndApprove,
  taskStatuses,
} from '../../support/stage-approval.ts';
import { deliver } from '../../support/sweep-over-time.ts';
import { useCore } from '../../support/use-core.ts';

/** Outcomes that hang on who decides, who asks, and whether Feishu still knows them. */

const theCore = useCore();
let core: Core;
beforeEach(() => {
  core = theCore();
});

const COLLEAGUE = 'colleague@example.com';
const CREATOR = 'creator@example.com';
const control = () => core.simulator.control;
const calls = () => control().calls().calls;

describe('transferred', () => {
  beforeEach(async () => {
    await core.write(anIssue());
    const card = core.card();
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    await core.receiveEvent(card, 'TRANSFERRED', 'TASK');
  });

  it('is told by a comment at once, and once', async () => {
    const card = core.card(COLLEAGUE);
    await core.receiveEvent(card, 'TRANSFERRED', 'TASK');
    expect(commentsOf(core, card).match(/This request was transferred/g)).toHaveLength(1);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', decisions: [] });
  });

  it('then approved by the colleague: FAILED, names them and what is to be done, and nothing is applied (docs/lessons.md 9)', async () => {
    const card = core.card(COLLEAGUE);
    control().approve(card.instanceCode, COLLEAGUE);
    await core.receiveEvent(card, 'APPROVED');
    const approval = await approvalOf(core);
    const colleague = card.approvers.find(({ email }) => email === COLLEAGUE)?.openId;
    expect(approval).toMatchObject({
      state: 'FAILED',
      error: { code: 'DECIDED_BY_ANOTHER' },
      decisions: [{ result: 'APPROVED', by: { userId: colleague }, applied: false }],
    });
    expect(approval?.error?.message).toContain(colleague);
    expect(approval?.error?.message).toContain('Make them the assignee, or ring the bell');
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    expect(commentsOf(core, card)).toContain('Approved by somebody who was not asked');
    await ringAndApprove(core);
  });

  it('then rejected by the colleague: REJECTED, with their reason', async () => {
    const card = core.card(COLLEAGUE);
    control().reject(card.instanceCode, COLLEAGUE, 'not in my shift');
    await core.receiveEvent(card, 'REJECTED');
    expect(await approvalOf(core)).toMatchObject({
      state: 'REJECTED',
      decisions: [{ result: 'REJECTED', comment: 'not in my shift', applied: true }],
    });
    expect((await approvalOf(core))?.error).toBeUndefined();
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    await ringAndApprove(core);
  });

  it('then transferred back, and approved by the approver: applied', async () => {
    control().transfer(core.card(COLLEAGUE).instanceCode, COLLEAGUE, ASSIGNEE);
    await approve(core);
  });

  it('then the colleague is made the assignee: the old card is taken back, and they are asked themselves', async () => {
    const old = core.card(COLLEAGUE);
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: COLLEAGUE };
    });
    expect(control().instance(old.instanceCode)?.status).toBe('CANCELED');
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', triggers: ['ASSIGNEE_CHANGED'] });
    await approve(core, COLLEAGUE);
  });
});

describe('signers added by the approver', () => {
  const SIGNER = 'signer@example.com';
  const add = async (place: 'BEFORE' | 'WITH' | 'AFTER') => {
    await core.write(anIssue());
    const card = core.card();
    control().addSigner(card.instanceCode, ASSIGNEE, SIGNER, place);
    return card;
  };
  const tap = async (who: string) => {
    const card = core.card(who);
    control().approve(card.instanceCode, who);
    await core.receiveEvent(card, 'APPROVED', 'TASK');
  };
  const isOpen = async () => {
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', decisions: [] });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
  };
  const isApproved = async () => {
    expect(await approvalOf(core)).toMatchObject({
      state: 'APPROVED',
      decisions: [{ by: { email: ASSIGNEE }, applied: true }],
    });
    expect(await taskStatuses(core)).toEqual(['PENDING']);
  };

  it.each([
    ['BEFORE', [SIGNER, ASSIGNEE]],
    ['WITH', [SIGNER, ASSIGNEE]],
    ['WITH', [ASSIGNEE, SIGNER]],
    // The approver approves by adding a signer after themselves.
    ['AFTER', [SIGNER]],
  ] as const)('%s, tapped in the order %s: applied with the last tap, not before', async (place, order) => {
    await add(place);
    for (const who of order) {
      await isOpen();
      await tap(who);
    }
    await isApproved();
  });

  it.each([
    ['BEFORE', [SIGNER]],
    ['WITH', [SIGNER]],
    ['WITH', [ASSIGNEE, SIGNER]],
    ['AFTER', [SIGNER]],
  ] as const)('%s, where the last of %s refuses: REJECTED', async (place, order) => {
    const card = await add(place);
    for (const who of order.slice(0, -1)) await tap(who);
    control().reject(card.instanceCode, order.at(-1) ?? '', 'no');
    await core.receiveEvent(card, 'REJECTED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REJECTED', decisions: [{ comment: 'no' }] });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    await ringAndApprove(core);
  });

  it('WITH, and the approver hands their part on: two approvals, none of them by who was asked', async () => {
    const card = await add('WITH');
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    await tap(SIGNER);
    await isOpen();
    await tap(COLLEAGUE);
    expect(await approvalOf(core)).toMatchObject({
      state: 'FAILED',
      error: { code: 'DECIDED_BY_ANOTHER' },
      decisions: [{ applied: false }],
    });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    await ringAndApprove(core);
  });

  it('AFTER, who sends it back, and the approver hands it on: the approval before that is none', async () => {
    const card = await add('AFTER');
    control().rollback(card.instanceCode, SIGNER, 'look again');
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    await tap(COLLEAGUE);
    expect(await approvalOf(core)).toMatchObject({
      state: 'FAILED',
      error: { code: 'DECIDED_BY_ANOTHER' },
    });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    await ringAndApprove(core);
  });

  it('BEFORE is no transfer: nobody is told that it was one', async () => {
    const card = await add('BEFORE');
    await core.receiveEvent(card, 'PENDING', 'TASK');
    await core.receiveEvent(card, 'SOMETHING', 'TASK');
    expect(commentsOf(core, card)).toBe('');
  });

  it('who let it wait cost no more looks than any card that waits', async () => {
    const card = await add('AFTER');
    await deliver(core, { ...(await hintOf(card)), status: 'APPROVED' });
    control().resetCalls();
    for (let hour = 0; hour < 24; hour++) {
      await core.clock.advance(60 * 60_000);
      await core.run(ISSUE);
    }
    expect(calls().getInstance).toBeLessThanOrEqual(5);
  });

  /** What the event of a task of theirs becomes on the queue. */
  const hintOf = async (card: { uuid: string | null; instanceCode: string }) => {
    const pointer = await core.work.store.findIssue({ approvalId: card.uuid ?? '' });
    if (!pointer) throw new Error('the card is ours');
    return {
      kind: 'FEISHU_EVENT' as const,
      ...pointer,
      eventId: 'event',
      appId: core.settings.appId,
      definitionCode: core.settings.definitionCode,
      instanceCode: card.instanceCode,
      about: 'TASK' as const,
      status: 'PENDING',
    };
  };
});

describe('a frozen approver', () => {
  const tellsStatus = () =>
    control().setScopes([
      'approval:approval',
      'approval:approval:readonly',
      'contact:user.id:readonly',
      'contact:user.employee:readonly',
    ]);

  it('is as good as unknown where Feishu tells: FAILED with the e-mail, and sent once they are back', async () => {
    tellsStatus();
    control().setPersonState(ASSIGNEE, 'FROZEN');
    await core.write(anIssue());
    const approval = await approvalOf(core);
    expect(approval).toMatchObject({ state: 'FAILED', error: { code: 'ASSIGNEE_NOT_IN_FEISHU' } });
    expect(approval?.error?.message).toContain(ASSIGNEE);
    expect(approval?.error?.message).toContain('frozen');
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    control().setPersonState(ASSIGNEE, 'ACTIVE');
    await ringAndApprove(core);
  });

  it('is sent a card where Feishu does not tell; another assignee is asked in their place', async () => {
    control().setPersonState(ASSIGNEE, 'FROZEN');
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING' });
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: COLLEAGUE };
    });
    expect(core.pending()).toEqual([]);
    await approve(core, COLLEAGUE);
  });

  it('as creator is replaced by the bot', async () => {
    tellsStatus();
    control().setPersonState(CREATOR, 'FROZEN');
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', requester: { bot: true } });
    await approve(core);
  });
});

describe('a resigned approver', () => {
  it('before the send: FAILED with the e-mail, says what to do, and is not asked for again and again', async () => {
    control().setPersonState(ASSIGNEE, 'RESIGNED');
    await core.write(anIssue());
    const approval = await approvalOf(core);
    expect(approval).toMatchObject({ state: 'FAILED', error: { code: 'ASSIGNEE_NOT_IN_FEISHU' } });
    expect(approval?.error?.message).toContain(ASSIGNEE);
    expect(approval?.error?.message).toContain('Correct the assignee');
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    expect(calls().createInstance).toBeUndefined();
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: COLLEAGUE };
    });
    await approve(core, COLLEAGUE);
  });

  it('after we had found them: looked up once more, then FAILED with the e-mail; the bell sends once they are back', async () => {
    await warmUp();
    control().setPersonState(ASSIGNEE, 'RESIGNED');
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: expect.stringContaining(ASSIGNEE) },
    });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    expect(calls()).toEqual({ createInstance: 1, people: 1 });
    control().setPersonState(ASSIGNEE, 'ACTIVE');
    await ringAndApprove(core);
  });

  it('after the send: who got the card in their place is not who was asked', async () => {
    await core.write(anIssue());
    const card = core.card();
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    control().setPersonState(ASSIGNEE, 'RESIGNED');
    control().approve(card.instanceCode, COLLEAGUE);
    await core.receiveEvent(card, 'APPROVED');
    expect(await approvalOf(core)).toMatchObject({ state: 'FAILED', error: { code: 'DECIDED_BY_ANOTHER' } });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: COLLEAGUE };
    });
    await approve(core, COLLEAGUE);
  });
});

/** Another issue with the same people was sent before: they are remembered. */
async function warmUp() {
  await core.write(anIssue({ issueId: 'warm-up', stages: [aStage({ tasks: [] })] }));
  await core.write(anIssue({ issueId: 'warm-up' }));
  control().withdraw(core.card().instanceCode);
  control().resetCalls();
}

describe('a resigned creator', () => {
  it('before the send: the bot asks, and takes it back', async () => {
    control().setPersonState(CREATOR, 'RESIGNED');
    await core.write(anIssue());
    const card = core.card();
    expect(card.requester.bot).toBe(true);
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })];
    });
    expect(control().instance(card.instanceCode)?.status).toBe('CANCELED');
    await approve(core);
  });

  it('after we had found them: the bot asks under the same uuid, the form says so, and the bot takes it back', async () => {
    await warmUp();
    control().setPersonState(CREATOR, 'RESIGNED');
    await core.write(anIssue());
    const [round] = await core.rounds(ISSUE);
    const card = core.card();
    expect(card.uuid?.toLowerCase()).toBe(round?.approvalId);
    expect(card.requester.bot).toBe(true);
    expect(card.form.map((field) => field.value['en-US']).join('\n')).toContain(
      'The bot asks in their place',
    );
    expect(await approvalOf(core)).toMatchObject({
      state: 'PENDING',
      generation: 1,
      requester: { email: CREATOR, userId: core.settings.bot.openId, bot: true },
    });
    expect(calls()).toEqual({ createInstance: 2, people: 1 });
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: COLLEAGUE };
    });
    expect(control().instance(card.instanceCode)?.status).toBe('CANCELED');
    await approve(core, COLLEAGUE);
  });

  it('between two attempts: what is sent in the end says who asks in the end', async () => {
    control().setQuotaUsedUp(true);
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'REQUESTED', requester: { bot: false } });
    control().setQuotaUsedUp(false);
    control().setPersonState(CREATOR, 'RESIGNED');
    await core.clock.advance(60_000);
    await core.run(ISSUE);
    expect(core.card().requester.bot).toBe(true);
    await approve(core);
  });

  it('while Feishu cannot be asked who is left: the round waits, and nothing is sent twice', async () => {
    await warmUp();
    control().setPersonState(CREATOR, 'RESIGNED');
    control().misbehave({ kind: 'BAD_GATEWAY', endpoint: 'people' });
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({
      state: 'REQUESTED',
      error: { code: 'FEISHU_UNAVAILABLE' },
    });
    control().clearFaults('calls');
    await core.clock.advance(60_000);
    await core.run(ISSUE);
    expect(core.card().requester.bot).toBe(true);
    await approve(core);
  });

  it('after the send, and the card is approved: applied all the same', async () => {
    await core.write(anIssue());
    control().setPersonState(CREATOR, 'RESIGNED');
    await approve(core);
  });
});

describe('people whom Feishu finds and refuses all the same', () => {
  it.each([1390004, 60004, 99992351, 99992360, 99992361])(
    'code %d: FAILED, says what was refused and what to do, after one more look-up and no more creates',
    async (code) => {
      control().misbehave({ kind: 'ERROR_CODE', endpoint: 'createInstance', code, status: 400 });
      await core.write(anIssue());
      const approval = await approvalOf(core);
      expect(approval).toMatchObject({ state: 'FAILED', error: { code: 'FEISHU_REFUSED' } });
      expect(approval?.error?.message).toContain('does not know a person in the request');
      expect(approval?.error?.message).toContain('ring the bell');
      expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
      expect(calls()).toEqual({ token: 1, createInstance: 1, people: 2 });
      control().behave();
      await ringAndApprove(core);
    },
  );

  it('under other ids each time: sent with the second ones, and not again and again', async () => {
    control().misbehave({ kind: 'ERROR_CODE', endpoint: 'createInstance', code: 60004, status: 400 });
    let lookUps = 0;
    core.work.feishu.findPeople = (_app, emails) => {
      lookUps++;
      if (lookUps > 5) throw new Error('this does not end');
      return Promise.resolve(new Map(emails.map((email) => [email, `ou_${lookUps}_${email}`])));
    };
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'FAILED', error: { code: 'FEISHU_REFUSED' } });
    expect([lookUps, calls().createInstance]).toEqual([2, 2]);
  });

  it('under other ids than before: sent with those, once', async () => {
    await core.write(anIssue({ issueId: 'warm-up' }));
    control().withdraw(core.card().instanceCode);
    control().misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'createInstance',
      code: 60004,
      status: 400,
      times: 1,
    });
    const { findPeople } = core.work.feishu;
    core.work.feishu.findPeople = async (app, emails, options) => {
      const people = await findPeople(app, emails, options);
      return options?.fresh ? people : new Map([...people.keys()].map((email) => [email, `ou_old_${email}`]));
    };
    await core.write(anIssue());
    await approve(core);
  });
});
