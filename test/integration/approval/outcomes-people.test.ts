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

/** Outcomes that depend on who decides, who asks, and whether Feishu still knows them. */

const theCore = useCore();
let core: Core;
beforeEach(() => {
  core = theCore();
});

const COLLEAGUE = 'colleague@example.com';
const CREATOR = 'creator@example.com';
const control = () => core.simulator.control;
const calls = () => control().calls().calls;

describe('a transferred request', () => {
  beforeEach(async () => {
    await core.write(anIssue());
    const card = core.card();
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    await core.receiveEvent(card, 'TRANSFERRED', 'TASK');
  });

  it('gets a comment at once, and only one', async () => {
    const card = core.card(COLLEAGUE);
    await core.receiveEvent(card, 'TRANSFERRED', 'TASK');
    expect(commentsOf(core, card).match(/This request was transferred/g)).toHaveLength(1);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', decisions: [] });
  });

  it('is FAILED when the colleague approves it, names them, and says what to do (docs/lessons.md 9)', async () => {
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

  it('is REJECTED with the comment of the colleague when they reject it', async () => {
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

  it('is APPROVED when it is transferred back and the approver approves it', async () => {
    control().transfer(core.card(COLLEAGUE).instanceCode, COLLEAGUE, ASSIGNEE);
    await approve(core);
  });

  it('is withdrawn when the colleague becomes the assignee, who then gets a card', async () => {
    const old = core.card(COLLEAGUE);
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: COLLEAGUE };
    });
    expect(control().instance(old.instanceCode)?.status).toBe('CANCELED');
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', triggers: ['ASSIGNEE_CHANGED'] });
    await approve(core, COLLEAGUE);
  });
});

describe('an added approver', () => {
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
  const expectOpen = async () => {
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', decisions: [] });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
  };
  const expectApproved = async () => {
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
    // Adding an approver AFTER themselves is an approval by the first approver.
    ['AFTER', [SIGNER]],
  ] as const)(
    '%s: the request is approved with the last tap in the order %s, not before',
    async (place, order) => {
      await add(place);
      for (const who of order) {
        await expectOpen();
        await tap(who);
      }
      await expectApproved();
    },
  );

  it.each([
    ['BEFORE', [SIGNER]],
    ['WITH', [SIGNER]],
    ['WITH', [ASSIGNEE, SIGNER]],
    ['AFTER', [SIGNER]],
  ] as const)('%s: the request is REJECTED when the last of %s rejects', async (place, order) => {
    const card = await add(place);
    for (const who of order.slice(0, -1)) await tap(who);
    control().reject(card.instanceCode, order.at(-1) ?? '', 'no');
    await core.receiveEvent(card, 'REJECTED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REJECTED', decisions: [{ comment: 'no' }] });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    await ringAndApprove(core);
  });

  it('WITH: two approvals do not count if the approver transferred their part', async () => {
    const card = await add('WITH');
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    await tap(SIGNER);
    await expectOpen();
    await tap(COLLEAGUE);
    expect(await approvalOf(core)).toMatchObject({
      state: 'FAILED',
      error: { code: 'DECIDED_BY_ANOTHER' },
      decisions: [{ applied: false }],
    });
    expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
    await ringAndApprove(core);
  });

  it('AFTER: the first approval does not count once the request is returned and transferred', async () => {
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

  it('BEFORE: no comment says that the request was transferred', async () => {
    const card = await add('BEFORE');
    await core.receiveEvent(card, 'PENDING', 'TASK');
    await core.receiveEvent(card, 'SOMETHING', 'TASK');
    expect(commentsOf(core, card)).toBe('');
  });

  it('AFTER: a waiting card costs no more looks than any other', async () => {
    const card = await add('AFTER');
    await deliver(core, { ...(await hintOf(card)), status: 'APPROVED' });
    control().resetCalls();
    for (let hour = 0; hour < 24; hour++) {
      await core.clock.advance(60 * 60_000);
      await core.run(ISSUE);
    }
    expect(calls().getInstance).toBeLessThanOrEqual(5);
  });

  /** Returns the hint of the event of a task of the card. */
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
  const grantStatusScope = () =>
    control().setScopes([
      'approval:approval',
      'approval:approval:readonly',
      'contact:user.id:readonly',
      'contact:user.employee:readonly',
    ]);

  it('fails the request with the e-mail if Feishu shows their status, and a ring sends it once they are back', async () => {
    grantStatusScope();
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

  it('gets a card if Feishu does not show their status, until another person is assigned', async () => {
    control().setPersonState(ASSIGNEE, 'FROZEN');
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING' });
    await core.edit(ISSUE, (issue) => {
      issue.assignee = { email: COLLEAGUE };
    });
    expect(core.pending()).toEqual([]);
    await approve(core, COLLEAGUE);
  });

  it('is replaced by the bot if they are the creator', async () => {
    grantStatusScope();
    control().setPersonState(CREATOR, 'FROZEN');
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', requester: { bot: true } });
    await approve(core);
  });
});

describe('a resigned approver', () => {
  it('before the send fails the request with the e-mail and says what to do', async () => {
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

  it('who is cached is looked up once more, and the request fails with the e-mail until they are back', async () => {
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

  it('after the send is not replaced by the colleague who got the card', async () => {
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

/** Sends another issue with the same people, so that they are cached. */
async function warmUp() {
  await core.write(anIssue({ issueId: 'warm-up', stages: [aStage({ tasks: [] })] }));
  await core.write(anIssue({ issueId: 'warm-up' }));
  control().withdraw(core.card().instanceCode);
  control().resetCalls();
}

describe('a resigned creator', () => {
  it('before the send is replaced by the bot, which also withdraws', async () => {
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

  it('who is cached is replaced by the bot with the same uuid, and the form says so', async () => {
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

  it('between two attempts is replaced by the bot in the request that is sent', async () => {
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

  it('makes the round wait if Feishu cannot be asked for people, and one card is sent', async () => {
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

  it('after the send does not matter: an approval is applied', async () => {
    await core.write(anIssue());
    control().setPersonState(CREATOR, 'RESIGNED');
    await approve(core);
  });
});

describe('people whom Feishu finds but refuses in a create', () => {
  it.each([1390004, 60004, 99992351, 99992360, 99992361])(
    'fail the request (code %d) after one more look-up, and the error says what to do',
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

  it('are looked up and sent twice at most if their ids change each time', async () => {
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

  it('are sent once more if their ids have changed', async () => {
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
