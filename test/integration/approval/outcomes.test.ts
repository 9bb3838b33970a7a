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

/** Each outcome ends in the state and error of docs/contract.md 1, changes no task, and a ring sends again. */

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

/** Lets minutes pass, with one reconcile each minute. */
const pass = async (minutes: number) => {
  for (let minute = 0; minute < minutes; minute++) {
    await core.clock.advance(60_000);
    await core.run(ISSUE);
  }
};

/** Asserts that the round is closed, nobody is asked, and nothing is sent without a ring. */
async function expectClosed(state: string): Promise<void> {
  expect(await approvalOf(core)).toMatchObject({ state, generation: 1 });
  expect(await taskStatuses(core)).toEqual(['PENDING_APPROVAL']);
  await core.clock.advance(60_000);
  await core.run(ISSUE);
  expect(await core.rounds(ISSUE)).toHaveLength(1);
  expect(core.pending()).toEqual([]);
}

describe('a request that its initiator withdrew', () => {
  it('is CANCELED', async () => {
    const card = core.card();
    control().withdraw(card.instanceCode);
    await core.receiveEvent(card, 'CANCELED');
    await expectClosed('CANCELED');
    expect((await approvalOf(core))?.error).toBeUndefined();
    await ringAndApprove(core);
  });

  it('is CANCELED even if GET lags behind the event', async () => {
    const card = core.card();
    control().withdraw(card.instanceCode);
    control().misbehave({ kind: 'STALE_READ', endpoint: 'getInstance', times: 1 });
    expect(await core.receiveEvent(card, 'CANCELED')).toEqual({ waitSeconds: 2 });
    await core.receiveEvent(card, 'CANCELED');
    await expectClosed('CANCELED');
  });

  it('after an approval that the core had not seen is CANCELED, not applied, and closed in Feishu', async () => {
    const card = core.card();
    allowRevoking();
    control().approve(card.instanceCode, ASSIGNEE);
    control().revert(card.instanceCode);
    await core.receiveEvent(card, 'REVERTED');
    await expectClosed('CANCELED');
    expect(statusOf(card)).toBe('CANCELED');
    await ringAndApprove(core);
  });

  it('after an approval is CANCELED, even if it is approved again before the next look', async () => {
    const card = core.card();
    allowRevoking();
    control().approve(card.instanceCode, ASSIGNEE);
    control().revert(card.instanceCode);
    control().approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'APPROVED');
    await expectClosed('CANCELED');
    await ringAndApprove(core);
  });
});

/** Lets the definition allow to revoke an approval. Our definition forbids it, but an administrator may change it. */
function allowRevoking() {
  const [definition] = control().definitions();
  if (definition) definition.body.settings = { ...definition.body.settings, revert_interval: 3600 };
}

describe('a request that was deleted', () => {
  it('as an instance is DELETED', async () => {
    const card = core.card();
    control().deleteInstance(card.instanceCode);
    await core.receiveEvent(card, 'DELETED');
    await expectClosed('DELETED');
    expect((await approvalOf(core))?.error).toBeUndefined();
    await ringAndApprove(core);
  });

  it('with its definition is DELETED, and a ring sends again once there is a definition', async () => {
    const card = core.card();
    control().setDefinitionStatus(core.settings.definitionCode, 'DELETED');
    await core.receiveEvent(card, 'DELETED');
    await expectClosed('DELETED');
    control().setDefinitionStatus(core.settings.definitionCode, 'ACTIVE');
    await ringAndApprove(core);
  });
});

describe('an approval that was revoked', () => {
  it.each(['PENDING', 'CANCELED'] as const)(
    'is REVERTED when GET says %s, changes no task, and is asked again once Frabit needs it',
    async (shownAs) => {
      const card = core.card();
      allowRevoking();
      await approve(core);
      control().revert(card.instanceCode);
      if (shownAs === 'CANCELED') control().withdraw(card.instanceCode);
      await core.receiveEvent(card, 'REVERTED');

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

  it('is closed even if an approval at the moment of our cancel reopened it', async () => {
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
    await core.receiveEvent(card, 'REVERTED');
    expect(statusOf(card)).toBe('PENDING');
    await pass(15);
    expect(statusOf(card)).toBe('CANCELED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED' });
  });

  it('is closed again if a card that was revoked before is open once more', async () => {
    const card = core.card();
    allowRevoking();
    await approve(core);
    control().revert(card.instanceCode);
    control().approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'REVERTED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED' });
    control().revert(card.instanceCode);
    await core.receiveEvent(card, 'REVERTED');
    await pass(3);
    expect(statusOf(card)).toBe('CANCELED');
  });

  it('is not assumed when GET lags behind the approval and an older event is repeated', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'let me think');
    await core.receiveEvent(card, 'ROLLBACK', 'TASK');
    await approve(core);
    control().misbehave({ kind: 'STALE_READ', endpoint: 'getInstance', times: 2 });
    await core.receiveEvent(card, 'ROLLBACK', 'TASK');
    await pass(10);
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
    expect(statusOf(card)).toBe('APPROVED');
    expect(commentsOf(core, card)).toBe('');
  });

  it('is REVERTED even if GET lags behind the event', async () => {
    const card = core.card();
    allowRevoking();
    await approve(core);
    control().revert(card.instanceCode);
    control().misbehave({ kind: 'STALE_READ', endpoint: 'getInstance', times: 2 });
    expect(await core.receiveEvent(card, 'REVERTED')).toEqual({ waitSeconds: 2 });
    expect(await core.receiveEvent(card, 'REVERTED')).toEqual({ waitSeconds: 10 });
    await core.receiveEvent(card, 'REVERTED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED' });
  });
});

describe('a request that a time limit closed', () => {
  it.each(['PENDING', 'REJECTED'] as const)('is EXPIRED while GET says %s', async (shownAs) => {
    const card = core.card();
    control().overtimeClose(card.instanceCode, shownAs);
    await core.receiveEvent(card, 'OVERTIME_CLOSE');
    await expectClosed('EXPIRED');
    expect(await approvalOf(core)).toMatchObject({ decisions: [] });
    expect((await approvalOf(core))?.error).toBeUndefined();
    await ringAndApprove(core);
  });

  it('is EXPIRED even if the time limit rejects it like a rule', async () => {
    const card = core.card();
    control().autoReject(card.instanceCode);
    await core.receiveEvent(card, 'OVERTIME_CLOSE');
    await expectClosed('EXPIRED');
    await ringAndApprove(core);
  });

  it('is EXPIRED even if a look sees the rejection before the event arrives', async () => {
    const card = core.card();
    control().overtimeClose(card.instanceCode, 'REJECTED');
    await core.receiveEvent(card, 'SOMETHING');
    await core.receiveEvent(card, 'OVERTIME_CLOSE');
    await expectClosed('EXPIRED');
    await ringAndApprove(core);
  });

  it('while the creator rings is WITHDRAWN without a decision, and is sent again', async () => {
    control().overtimeClose(core.card().instanceCode, 'REJECTED');
    await ringAndApprove(core);
    expect((await core.rounds(ISSUE))[0]).toMatchObject({ state: 'WITHDRAWN', decisions: [] });
  });

  it('after a person decided it keeps the decision of that person', async () => {
    const card = core.card();
    control().reject(card.instanceCode, ASSIGNEE, 'no');
    await core.receiveEvent(card, 'OVERTIME_CLOSE');
    await expectClosed('REJECTED');
  });

  it('and an administrator recovered is withdrawn, and a tap on its card changes nothing', async () => {
    const card = core.card();
    control().overtimeClose(card.instanceCode);
    await core.receiveEvent(card, 'OVERTIME_CLOSE');
    control().overtimeRecover(card.instanceCode);
    await core.receiveEvent(card, 'OVERTIME_RECOVER');
    await expectClosed('EXPIRED');
    expect(statusOf(card)).toBe('CANCELED');
    await ringAndApprove(core);
  });

  it('and an administrator recovered stores a tap as not applied, and a comment says so', async () => {
    const card = core.card();
    control().overtimeClose(card.instanceCode);
    await core.receiveEvent(card, 'OVERTIME_CLOSE');
    control().overtimeRecover(card.instanceCode);
    control().approve(card.instanceCode, ASSIGNEE);
    await core.receiveEvent(card, 'OVERTIME_RECOVER');
    await core.receiveEvent(card, 'APPROVED');
    await expectClosed('EXPIRED');
    expect(await approvalOf(core)).toMatchObject({ decisions: [{ result: 'APPROVED', applied: false }] });
    expect(commentsOf(core, card)).toContain('so it was not applied');
    await ringAndApprove(core);
  });
});

describe('a request that nobody decided', () => {
  it.each([
    ['autoPass', 'APPROVED', 'passed'],
    ['autoReject', 'REJECTED', 'rejected'],
  ] as const)(
    '(%s) is FAILED, says which rule to remove, and a comment tells the approver',
    async (act, status, word) => {
      const card = core.card();
      control()[act](card.instanceCode);
      await core.receiveEvent(card, status);
      await expectClosed('FAILED');
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

describe('a request that was returned (ROLLBACK)', () => {
  it('to its node is PENDING, and a tap of the approver on the same card counts', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'let me think');
    await core.receiveEvent(card, 'ROLLBACK', 'TASK');
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1, decisions: [] });
    await approve(core);
  });

  it('to the initiator is REJECTED by that person with their comment, and nobody can submit it again', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'which table?', 'INITIATOR');
    await core.receiveEvent(card, 'ROLLBACK', 'TASK');
    await expectClosed('REJECTED');
    expect(await approvalOf(core)).toMatchObject({
      decisions: [{ result: 'REJECTED', by: { email: ASSIGNEE }, comment: 'which table?', applied: true }],
    });
    expect(statusOf(card)).toBe('CANCELED');
    expect(() => control().resubmit(card.instanceCode)).toThrow();
    await ringAndApprove(core);
  });

  it('to the initiator and submitted again before a look is PENDING, and a tap counts', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, undefined, 'INITIATOR');
    control().resubmit(card.instanceCode);
    await core.receiveEvent(card, 'ROLLBACK', 'TASK');
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
    await approve(core);
  });

  it('to the initiator while the creator rings is REJECTED, without a second card (docs/lessons.md 31)', async () => {
    const card = core.card();
    control().rollback(card.instanceCode, ASSIGNEE, 'no', 'INITIATOR');
    await core.edit(ISSUE, (issue) => {
      issue.bell = { seq: 1, rungBy: issue.creator.email, rungAt: '2026-03-01T09:00:00.000Z' };
    });
    await core.clock.advance(60_000);
    await expectClosed('REJECTED');
    expect(statusOf(card)).toBe('CANCELED');
    await ringAndApprove(core);
  });

  it('to the initiator while the SQL is edited stores that as not applied, and the new card counts', async () => {
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

  it('to the initiator after a refused cancel stores the late rejection on its own round', async () => {
    const card = core.card();
    control().misbehave({ kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390009, status: 403 });
    await edit('SELECT 2');
    control().rollback(card.instanceCode, ASSIGNEE, 'no', 'INITIATOR');
    control().behave();
    await core.receiveEvent(card, 'ROLLBACK', 'TASK');
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

it('an event with an unknown status leads to a look and changes nothing', async () => {
  const card = core.card();
  await core.receiveEvent(card, 'SOMETHING_NEW');
  expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
  await approve(core);
});
