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
import { useCore } from '../../support/use-core.ts';

/** Each outcome ends in the state and error of docs/contract.md 1; the tasks are untouched and the bell sends again. */

const theCore = useCore();
let core: Core;
beforeEach(async () => {
  core = theCore();
  await core.write(anIssue());
});

const control = () => core.simulator.control;
const statusOf = (card: { instanceCode: string }) => control().instance(card.instanceCode)?.status;
const edit = (statement: string) =>
  core.edit(ISSUE, (issue) => {
    issue.stages = [aStage({ tasks: [aTask({ statement })] })];
  });

/** Minutes pass, and the issue is looked at in each. */
const pass = async (minutes: number) => {
  for (let minute = 0; minute < minutes; minute++) {
    await core.clock.advance(60_000);
    await core.run(ISSUE);
  }
};

/** The round is over, nobody is asked any more, and nothing is sent by itself. */
async function isSilent(state: string): Promise<void> {
  expect(await approvalOf(core)).toMatchObject({ state, generation: 1 });
  expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
  await core.clock.advance(60_000);
  await core.run(ISSUE);
  expect(await core.rounds(ISSUE)).toHaveLength(1);
  expect(core.pending()).toEqual([]);
}

describe('taken back by its initiator', () => {
  it('is CANCELED', async () => {
    const card = core.card();
    control().withdraw(card.instanceCode);
    await core.hear(card, 'CANCELED');
    await isSilent('CANCELED');
    expect((await approvalOf(core))?.error).toBeUndefined();
    await ringAndApprove(core);
  });

  it('is CANCELED also when GET lags behind the event', async () => {
    const card = core.card();
    control().withdraw(card.instanceCode);
    control().misbehave({ kind: 'STALE_READ', endpoint: 'getInstance', times: 1 });
    expect(await core.hear(card, 'CANCELED')).toEqual({ waitSeconds: 2 });
    await core.hear(card, 'CANCELED');
    await isSilent('CANCELED');
  });

  it('after an approval that nobody had heard of yet: CANCELED, nothing is applied, and what stands open is closed', async () => {
    const card = core.card();
    allowRevoking();
    control().approve(card.instanceCode, ASSIGNEE);
    control().revert(card.instanceCode);
    await core.hear(card, 'REVERTED');
    await isSilent('CANCELED');
    expect(statusOf(card)).toBe('CANCELED');
    await ringAndApprove(core);
  });

  it('after an approval, and approved once more before we looked: an approval that was revoked is none', async () => {
    const card = core.card();
    allowRevoking();
    control().approve(card.instanceCode, ASSIGNEE);
    control().revert(card.instanceCode);
    control().approve(card.instanceCode, ASSIGNEE);
    await core.hear(card, 'APPROVED');
    await isSilent('CANCELED');
    await ringAndApprove(core);
  });
});

/** Ours forbids it; an administrator may have made one that does not. */
function allowRevoking() {
  const [definition] = control().definitions();
  if (definition) definition.body.settings = { ...definition.body.settings, revert_interval: 3600 };
}

describe('deleted', () => {
  it('as an instance is DELETED', async () => {
    const card = core.card();
    control().deleteInstance(card.instanceCode);
    await core.hear(card, 'DELETED');
    await isSilent('DELETED');
    expect((await approvalOf(core))?.error).toBeUndefined();
    await ringAndApprove(core);
  });

  it('with its definition is DELETED, and the bell sends once there is a definition again', async () => {
    const card = core.card();
    control().setDefinitionStatus(core.settings.definitionCode, 'DELETED');
    await core.hear(card, 'DELETED');
    await isSilent('DELETED');
    control().setDefinitionStatus(core.settings.definitionCode, 'ACTIVE');
    await ringAndApprove(core);
  });
});

describe('revoked after it had been approved', () => {
  it.each(['PENDING', 'CANCELED'] as const)(
    'is REVERTED when GET says %s; tasks are not touched, and it is asked anew once Frabit wants that',
    async (shownAs) => {
      const card = core.card();
      allowRevoking();
      await approve(core);
      control().revert(card.instanceCode);
      if (shownAs === 'CANCELED') control().withdraw(card.instanceCode);
      await core.hear(card, 'REVERTED');

      expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED', decisions: [{ applied: true }] });
      expect(await taskStatuses(core)).toEqual(['PENDING']);
      expect(statusOf(card)).toBe('CANCELED');
      await core.edit(ISSUE, (issue) => {
        issue.stages = [aStage()];
        issue.bell = { seq: 1, rungBy: issue.creator.email, rungAt: '2026-03-01T09:00:00.000Z' };
      });
      expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', triggers: ['NEW_STAGE', 'BELL'] });
      await approve(core);
    },
  );

  it('is closed though it was approved once more in the moment of our cancel, which opened it again', async () => {
    const card = core.card();
    allowRevoking();
    await approve(core);
    control().revert(card.instanceCode);
    const { cancelInstance } = core.work.feishu;
    core.work.feishu.cancelInstance = (...call) => {
      core.work.feishu.cancelInstance = cancelInstance;
      control().approve(card.instanceCode, ASSIGNEE);
      return cancelInstance(...call);
    };
    await core.hear(card, 'REVERTED');
    expect(statusOf(card)).toBe('PENDING');
    await pass(15);
    expect(statusOf(card)).toBe('CANCELED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED' });
  });

  it('is noticed when a card that was revoked before stands open once more', async () => {
    const card = core.card();
    allowRevoking();
    await approve(core);
    control().revert(card.instanceCode);
    control().approve(card.instanceCode, ASSIGNEE);
    await core.hear(card, 'REVERTED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED' });
    control().revert(card.instanceCode);
    await core.hear(card, 'REVERTED');
    await pass(3);
    expect(statusOf(card)).toBe('CANCELED');
  });

  it('is not believed of a GET that lags behind an approval, when an older event comes once more', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'let me think');
    await core.hear(card, 'ROLLBACK', 'TASK');
    await approve(core);
    control().misbehave({ kind: 'STALE_READ', endpoint: 'getInstance', times: 2 });
    await core.hear(card, 'ROLLBACK', 'TASK');
    await pass(10);
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
    expect(statusOf(card)).toBe('APPROVED');
    expect(commentsOf(core, card)).toBe('');
  });

  it('is REVERTED also when GET lags behind the event', async () => {
    const card = core.card();
    allowRevoking();
    await approve(core);
    control().revert(card.instanceCode);
    control().misbehave({ kind: 'STALE_READ', endpoint: 'getInstance', times: 2 });
    expect(await core.hear(card, 'REVERTED')).toEqual({ waitSeconds: 2 });
    expect(await core.hear(card, 'REVERTED')).toEqual({ waitSeconds: 10 });
    await core.hear(card, 'REVERTED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED' });
  });
});

describe('closed by a time limit', () => {
  it.each(['PENDING', 'REJECTED'] as const)('is EXPIRED while GET says %s', async (shownAs) => {
    const card = core.card();
    control().overtimeClose(card.instanceCode, shownAs);
    await core.hear(card, 'OVERTIME_CLOSE');
    await isSilent('EXPIRED');
    expect(await approvalOf(core)).toMatchObject({ decisions: [] });
    expect((await approvalOf(core))?.error).toBeUndefined();
    await ringAndApprove(core);
  });

  it('is EXPIRED also where the time limit rejects as a rule does', async () => {
    const card = core.card();
    control().autoReject(card.instanceCode);
    await core.hear(card, 'OVERTIME_CLOSE');
    await isSilent('EXPIRED');
    await ringAndApprove(core);
  });

  it('is EXPIRED also when the time limit is met before it is heard of', async () => {
    const card = core.card();
    control().overtimeClose(card.instanceCode, 'REJECTED');
    await core.hear(card, 'SOMETHING');
    await core.hear(card, 'OVERTIME_CLOSE');
    await isSilent('EXPIRED');
    await ringAndApprove(core);
  });

  it('while the creator rings: taken back, without a decision that nobody made, and sent again', async () => {
    control().overtimeClose(core.card().instanceCode, 'REJECTED');
    await ringAndApprove(core);
    expect((await core.rounds(ISSUE))[0]).toMatchObject({ state: 'WITHDRAWN', decisions: [] });
  });

  it('but decided by a person before that: their decision counts', async () => {
    const card = core.card();
    control().reject(card.instanceCode, ASSIGNEE, 'no');
    await core.hear(card, 'OVERTIME_CLOSE');
    await isSilent('REJECTED');
  });

  it('and recovered by an administrator: the card is taken back, and a tap on it changes nothing', async () => {
    const card = core.card();
    control().overtimeClose(card.instanceCode);
    await core.hear(card, 'OVERTIME_CLOSE');
    control().overtimeRecover(card.instanceCode);
    await core.hear(card, 'OVERTIME_RECOVER');
    await isSilent('EXPIRED');
    expect(statusOf(card)).toBe('CANCELED');
    await ringAndApprove(core);
  });

  it('and recovered and tapped before we heard of it: recorded, not applied, and the approver is told', async () => {
    const card = core.card();
    control().overtimeClose(card.instanceCode);
    await core.hear(card, 'OVERTIME_CLOSE');
    control().overtimeRecover(card.instanceCode);
    control().approve(card.instanceCode, ASSIGNEE);
    await core.hear(card, 'OVERTIME_RECOVER');
    await core.hear(card, 'APPROVED');
    await isSilent('EXPIRED');
    expect(await approvalOf(core)).toMatchObject({ decisions: [{ result: 'APPROVED', applied: false }] });
    expect(commentsOf(core, card)).toContain('so it was not applied');
    await ringAndApprove(core);
  });
});

describe('decided by nobody', () => {
  it.each([
    ['autoPass', 'APPROVED', 'passed'],
    ['autoReject', 'REJECTED', 'rejected'],
  ] as const)(
    '%s is FAILED, says which rule to remove, and tells the approver',
    async (act, status, word) => {
      const card = core.card();
      control()[act](card.instanceCode);
      await core.hear(card, status);
      await isSilent('FAILED');
      const approval = await approvalOf(core);
      expect(approval).toMatchObject({
        error: { code: 'DECIDED_AUTOMATICALLY' },
        decisions: [{ result: status, by: {}, applied: false }],
      });
      expect(approval?.error?.message).toContain(`${word} the request by itself`);
      expect(approval?.error?.message).toContain('Remove the rule that does this');
      expect(commentsOf(core, card)).toContain('Decided automatically');
      await ringAndApprove(core);
    },
  );
});

describe('returned (ROLLBACK)', () => {
  it('to the node: the approver is asked again, and their tap on the same card counts', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'let me think');
    await core.hear(card, 'ROLLBACK', 'TASK');
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1, decisions: [] });
    await approve(core);
  });

  it('to the initiator is REJECTED by that person with their words, and nobody can submit it again', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'which table?', 'INITIATOR');
    await core.hear(card, 'ROLLBACK', 'TASK');
    await isSilent('REJECTED');
    expect(await approvalOf(core)).toMatchObject({
      decisions: [{ result: 'REJECTED', by: { email: ASSIGNEE }, comment: 'which table?', applied: true }],
    });
    expect(statusOf(card)).toBe('CANCELED');
    expect(() => control().resubmit(card.instanceCode)).toThrow();
    await ringAndApprove(core);
  });

  it('to the initiator, who submitted it again before we looked: still asked, and the tap counts', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, undefined, 'INITIATOR');
    control().resubmit(card.instanceCode);
    await core.hear(card, 'ROLLBACK', 'TASK');
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
    await approve(core);
  });

  it('to the initiator while the creator rings: the refusal counts, no second card (docs/lessons.md 31)', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'no', 'INITIATOR');
    await core.edit(ISSUE, (issue) => {
      issue.bell = { seq: 1, rungBy: issue.creator.email, rungAt: '2026-03-01T09:00:00.000Z' };
    });
    await core.clock.advance(60_000);
    await isSilent('REJECTED');
    expect(statusOf(card)).toBe('CANCELED');
    await ringAndApprove(core);
  });

  it('to the initiator while the SQL is edited: kept as not applied, the old card is closed, the new one counts', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'no', 'INITIATOR');
    await edit('SELECT 2');
    expect((await core.rounds(ISSUE))[0]).toMatchObject({
      state: 'WITHDRAWN',
      decisions: [{ result: 'REJECTED', comment: 'no', applied: false }],
    });
    await core.clock.advance(61_000);
    await core.run(ISSUE);
    expect(statusOf(card)).toBe('CANCELED');
    await approve(core);
  });

  it('to the initiator, of a card that Feishu would not take back: the late refusal is recorded on it', async () => {
    const card = core.card();
    control().misbehave({ kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390009, status: 403 });
    await edit('SELECT 2');
    control().rollback(card.instanceCode, ASSIGNEE, 'no', 'INITIATOR');
    control().behave();
    await core.hear(card, 'ROLLBACK', 'TASK');
    await core.clock.advance(61_000);
    await core.run(ISSUE);
    expect(statusOf(card)).toBe('CANCELED');
    expect((await core.rounds(ISSUE))[0]).toMatchObject({
      state: 'WITHDRAWN',
      decisions: [{ result: 'REJECTED', comment: 'no', applied: false }],
    });
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2, decisions: [] });
  });
});

it('a card that is withdrawn costs a look, a cancel, a look and a comment', async () => {
  control().resetCalls();
  await core.edit(ISSUE, (issue) => {
    issue.status = 'CANCELED';
  });
  expect(control().calls().calls).toEqual({ getInstance: 2, cancelInstance: 1, createComment: 1 });
});

it('an outcome that is unknown to us is looked into and changes nothing', async () => {
  const card = core.card();
  await core.hear(card, 'SOMETHING_NEW');
  expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
  await approve(core);
});
