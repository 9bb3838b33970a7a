import { beforeEach, describe, expect, it } from 'vitest';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import {
  approvalOf,
  approve,
  commentsOf,
  ringAndApprove,
  taskStatuses,
} from '../../support/stage-approval.ts';
import { sweepEachMinute } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';
import { aWebhookServer, type WebhookServer } from '../../support/webhook-server.ts';

/** Outcomes as they come through the real webhook, and without it when Feishu's events are lost. */

const database = useDatabase();
let core: Core;
let webhook: WebhookServer;
beforeEach(async () => {
  core = await aCore(database());
  webhook = await aWebhookServer(core, database().documents);
  await core.write(anIssue());
  await webhook.handleAll();
  return async () => {
    await webhook.close();
    await core.close();
  };
});

const COLLEAGUE = 'colleague@example.com';
const control = () => core.simulator.control;
const pass = (minutes: number) => sweepEachMinute(core, database().documents, minutes);

type Act = (code: string) => unknown;
interface Expected {
  act: Act;
  /** The events that tell it. */
  told: string[];
  state: string;
}

const outcomes: Record<string, Expected> = {
  approved: {
    act: (code) => control().approve(code, ASSIGNEE),
    told: ['APPROVED', 'APPROVED'],
    state: 'APPROVED',
  },
  rejected: {
    act: (code) => control().reject(code, ASSIGNEE, 'no'),
    told: ['REJECTED', 'REJECTED'],
    state: 'REJECTED',
  },
  'taken back by its initiator': {
    act: (code) => control().withdraw(code),
    told: ['DONE', 'CANCELED'],
    state: 'CANCELED',
  },
  deleted: { act: (code) => control().deleteInstance(code), told: ['DONE', 'DELETED'], state: 'DELETED' },
  'closed by a time limit': {
    act: (code) => control().overtimeClose(code),
    told: ['OVERTIME_CLOSE', 'OVERTIME_CLOSE'],
    state: 'EXPIRED',
  },
  'returned to its initiator': {
    act: (code) => control().rollback(code, ASSIGNEE, 'no', 'INITIATOR'),
    told: ['ROLLBACK'],
    state: 'REJECTED',
  },
  'passed automatically': {
    act: (code) => control().autoPass(code),
    told: ['DONE', 'APPROVED', 'APPROVED'],
    state: 'FAILED',
  },
  'rejected automatically': {
    act: (code) => control().autoReject(code),
    told: ['DONE', 'REJECTED', 'REJECTED'],
    state: 'FAILED',
  },
};
const named = Object.entries(outcomes).map(([name, outcome]) => ({ name, ...outcome }));

describe('through the webhook', () => {
  it.each(named)('$name is told by $told and ends as $state', async ({ act, told, state }) => {
    act(core.card().instanceCode);
    expect(await webhook.handleAll()).toEqual(told);
    expect(await approvalOf(core)).toMatchObject({ state, generation: 1 });
    if (state !== 'APPROVED') await ringAndApprove(core);
  });

  it('REVERTED, whose operate_time is a number, is understood', async () => {
    const card = core.card();
    const [definition] = control().definitions();
    if (definition) definition.body.settings = { ...definition.body.settings, revert_interval: 3600 };
    control().approve(card.instanceCode, ASSIGNEE);
    await webhook.handleAll();
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED' });

    control().revert(card.instanceCode);
    expect(await webhook.handleAll()).toContain('REVERTED');
    expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED', decisions: [{ applied: true }] });
    expect(await taskStatuses(core)).toEqual(['PENDING']);
    await webhook.handleAll();
    expect(control().instance(card.instanceCode)?.status).toBe('CANCELED');
  });

  it('a revocation that is told under another instance code alone is understood', async () => {
    const card = core.card();
    const [definition] = control().definitions();
    if (definition) definition.body.settings = { ...definition.body.settings, revert_interval: 3600 };
    control().approve(card.instanceCode, ASSIGNEE);
    await webhook.handleAll();

    control().setRevocationsSentAs('AN_INSTANCE');
    control().revert(card.instanceCode);
    expect(await webhook.handleAll()).toEqual(['REVERTED']);
    expect(await approvalOf(core)).toMatchObject({ state: 'REVERTED', generation: 1 });
    expect(await taskStatuses(core)).toEqual(['PENDING']);
  });

  it('a card that a time limit closed and an administrator recovered is taken back', async () => {
    const card = core.card();
    control().overtimeClose(card.instanceCode);
    await webhook.handleAll();
    control().overtimeRecover(card.instanceCode);
    expect(await webhook.handleAll()).toEqual(['OVERTIME_RECOVER', 'OVERTIME_RECOVER']);
    expect(control().instance(card.instanceCode)?.status).toBe('CANCELED');
    expect(await approvalOf(core)).toMatchObject({ state: 'EXPIRED' });
    await ringAndApprove(core);
  });

  it('a transfer is told by a comment', async () => {
    const card = core.card();
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    await webhook.handleAll();
    expect(commentsOf(core, card)).toContain('This request was transferred');
  });

  it('events in the opposite order, each twice, and spaced: the same outcome, once', async () => {
    control().misbehave({ kind: 'REORDER' }, { kind: 'DUPLICATE' }, { kind: 'WHITE_SPACE' });
    control().approve(core.card().instanceCode, ASSIGNEE);
    expect(await webhook.handleAll()).toHaveLength(4);
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
    expect((await approvalOf(core))?.decisions).toHaveLength(1);
  });
});

describe('without its events', () => {
  it.each(named)('$name is found by the sweep and ends as $state', async ({ act, told, state }) => {
    for (const status of new Set(told)) control().misbehave({ kind: 'LOSE', status });
    act(core.card().instanceCode);
    expect(await webhook.handleAll()).toEqual([]);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });

    await pass(12);
    expect(await approvalOf(core)).toMatchObject({ state, generation: 1 });
    control().clearFaults('events');
    if (state !== 'APPROVED') await ringAndApprove(core);
  });

  it('a card that a time limit closed is not taken for closed before it stayed so for a minute', async () => {
    control().misbehave({ kind: 'LOSE' });
    control().overtimeClose(core.card().instanceCode);
    await core.clock.advance(10 * 60_000);
    await core.run(ISSUE);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING' });
  });

  it('a transfer is found by the sweep and told by a comment; the colleague’s approval, too', async () => {
    const card = core.card();
    control().misbehave({ kind: 'LOSE' });
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    await pass(12);
    expect(commentsOf(core, card)).toContain('This request was transferred');
    control().approve(card.instanceCode, COLLEAGUE);
    await pass(35);
    expect(await approvalOf(core)).toMatchObject({ state: 'FAILED', error: { code: 'DECIDED_BY_ANOTHER' } });
    await ringAndApprove(core);
  });

  it('a signer’s tap is found by the sweep', async () => {
    const card = core.card();
    control().misbehave({ kind: 'LOSE' });
    control().addSigner(card.instanceCode, ASSIGNEE, COLLEAGUE, 'AFTER');
    await pass(12);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', decisions: [] });
    control().approve(card.instanceCode, COLLEAGUE);
    await pass(35);
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED' });
  });

  it('a card sent back to the node stays with the approver', async () => {
    control().misbehave({ kind: 'LOSE' });
    control().rollback(core.card().instanceCode, ASSIGNEE);
    await pass(12);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
    await approve(core);
  });
});

it('events withheld because we cannot store them: the sweep finds the decision, and the late events change nothing', async () => {
  const card = core.card();
  webhook.storing = false;
  control().approve(card.instanceCode, ASSIGNEE);
  await webhook.refused(1);
  expect(control().deliveries().at(-1)).toMatchObject({ attempts: 0, outcome: 'WAITING' });
  await pass(12);
  expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });

  await core.receiveEvent(card, 'APPROVED', 'TASK');
  await core.receiveEvent(card, 'APPROVED');
  expect((await approvalOf(core))?.decisions).toHaveLength(1);
  expect(await core.rounds(ISSUE)).toHaveLength(1);
});
