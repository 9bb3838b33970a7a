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

/** Outcomes that arrive through the real webhook, and without it when the events of Feishu are lost. */

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
  /** The statuses of its events. */
  events: string[];
  state: string;
}

const outcomes: Record<string, Expected> = {
  approved: {
    act: (code) => control().approve(code, ASSIGNEE),
    events: ['APPROVED', 'APPROVED'],
    state: 'APPROVED',
  },
  rejected: {
    act: (code) => control().reject(code, ASSIGNEE, 'no'),
    events: ['REJECTED', 'REJECTED'],
    state: 'REJECTED',
  },
  'withdrawn by its initiator': {
    act: (code) => control().withdraw(code),
    events: ['DONE', 'CANCELED'],
    state: 'CANCELED',
  },
  deleted: { act: (code) => control().deleteInstance(code), events: ['DONE', 'DELETED'], state: 'DELETED' },
  'closed by a time limit': {
    act: (code) => control().overtimeClose(code),
    events: ['OVERTIME_CLOSE', 'OVERTIME_CLOSE'],
    state: 'EXPIRED',
  },
  'returned to its initiator': {
    act: (code) => control().rollback(code, ASSIGNEE, 'no', 'INITIATOR'),
    events: ['ROLLBACK'],
    state: 'REJECTED',
  },
  'passed automatically': {
    act: (code) => control().autoPass(code),
    events: ['DONE', 'APPROVED', 'APPROVED'],
    state: 'FAILED',
  },
  'rejected automatically': {
    act: (code) => control().autoReject(code),
    events: ['DONE', 'REJECTED', 'REJECTED'],
    state: 'FAILED',
  },
};
const named = Object.entries(outcomes).map(([name, outcome]) => ({ name, ...outcome }));

describe('through the webhook', () => {
  it.each(named)('$name has the events $events and ends as $state', async ({ act, events, state }) => {
    act(core.card().instanceCode);
    expect(await webhook.handleAll()).toEqual(events);
    expect(await approvalOf(core)).toMatchObject({ state, generation: 1 });
    if (state !== 'APPROVED') await ringAndApprove(core);
  });

  it('REVERTED is accepted, although its operate_time is a number', async () => {
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

  it('a revocation is accepted if its only event has another instance code', async () => {
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

  it('a card that a time limit closed and an administrator recovered is withdrawn', async () => {
    const card = core.card();
    control().overtimeClose(card.instanceCode);
    await webhook.handleAll();
    control().overtimeRecover(card.instanceCode);
    expect(await webhook.handleAll()).toEqual(['OVERTIME_RECOVER', 'OVERTIME_RECOVER']);
    expect(control().instance(card.instanceCode)?.status).toBe('CANCELED');
    expect(await approvalOf(core)).toMatchObject({ state: 'EXPIRED' });
    await ringAndApprove(core);
  });

  it('a transfer gets a comment on the card', async () => {
    const card = core.card();
    control().transfer(card.instanceCode, ASSIGNEE, COLLEAGUE);
    await webhook.handleAll();
    expect(commentsOf(core, card)).toContain('This request was transferred');
  });

  it('reordered and repeated events lead to the same outcome, once', async () => {
    control().misbehave({ kind: 'REORDER' }, { kind: 'DUPLICATE' }, { kind: 'WHITE_SPACE' });
    control().approve(core.card().instanceCode, ASSIGNEE);
    expect(await webhook.handleAll()).toHaveLength(4);
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED', decisions: [{ applied: true }] });
    expect((await approvalOf(core))?.decisions).toHaveLength(1);
  });
});

describe('without its events', () => {
  it.each(named)('$name is found by the sweep and ends as $state', async ({ act, events, state }) => {
    for (const status of new Set(events)) control().misbehave({ kind: 'LOSE', status });
    act(core.card().instanceCode);
    expect(await webhook.handleAll()).toEqual([]);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });

    await pass(12);
    expect(await approvalOf(core)).toMatchObject({ state, generation: 1 });
    control().clearFaults('events');
    if (state !== 'APPROVED') await ringAndApprove(core);
  });

  it('a card that a time limit closed counts as closed only after a second look a minute later', async () => {
    control().misbehave({ kind: 'LOSE' });
    control().overtimeClose(core.card().instanceCode);
    await core.clock.advance(10 * 60_000);
    await core.run(ISSUE);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING' });
  });

  it('the sweep finds a transfer, comments on it, and finds the colleague’s approval', async () => {
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

  it('the sweep finds the tap of an added approver', async () => {
    const card = core.card();
    control().misbehave({ kind: 'LOSE' });
    control().addSigner(card.instanceCode, ASSIGNEE, COLLEAGUE, 'AFTER');
    await pass(12);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', decisions: [] });
    control().approve(card.instanceCode, COLLEAGUE);
    await pass(35);
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED' });
  });

  it('a card that is returned to its node stays with the approver', async () => {
    control().misbehave({ kind: 'LOSE' });
    control().rollback(core.card().instanceCode, ASSIGNEE);
    await pass(12);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
    await approve(core);
  });
});

it('the sweep finds a decision whose events could not be stored, and the late events change nothing', async () => {
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
