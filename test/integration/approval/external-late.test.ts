import { describe, expect, it } from 'vitest';
import { handleHint } from '../../../shared/approval/handle-hint.ts';
import { type Core, ISSUE } from '../../support/core.ts';
import {
  callsDuring,
  DECIDER,
  decideAtOa,
  onlyApprovalAtOa,
  openAtOa,
  ring,
  stepOf,
  sweepAtIntervals,
  withFlow,
  withSql,
} from '../../support/external-steps.ts';
import { aStep } from '../../support/issue.ts';
import { anOaStep } from '../../support/round.ts';
import { deliver } from '../../support/sweep-over-time.ts';
import { useCore } from '../../support/use-core.ts';

const core = useCore();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What an event of the OA becomes on the queue, delivered again for as long as it is hidden. */
async function hear(at: Core, approvalId: string): Promise<void> {
  const pointer = await at.work.store.findIssue({ approvalId });
  if (!pointer) throw new Error('no approval has this id');
  await deliver(at, { kind: 'EXTERNAL_EVENT', ...pointer, eventId: 'e' });
}

const edit = (statement: string) => core().edit(ISSUE, (issue) => Object.assign(issue, withSql(statement)));
/** The first that the OA was asked with. */
const firstRound = async () => {
  const round = (await core().rounds(ISSUE)).find(({ channel }) => channel === 'EXTERNAL');
  if (!round) throw new Error('the OA was never asked');
  return round;
};

describe('a word of the OA that comes', () => {
  it('docs/lessons.md 1: twice, at the same time in two containers, is one decision and one card', async () => {
    await core().write(withFlow());
    const { id, approvalId } = onlyApprovalAtOa(core());
    core().oa.control.approve(id, DECIDER);
    const hint = { kind: 'EXTERNAL_EVENT', issueId: ISSUE, approvalId, eventId: 'e' } as const;
    await Promise.all([handleHint(hint, core().work), handleHint(hint, core().work)]);
    await core().run(ISSUE);

    expect(await stepOf(core())).toMatchObject({ status: 'APPROVED', approval: { generation: 1 } });
    expect((await firstRound()).decisions).toHaveLength(1);
    expect(core().pending()).toHaveLength(1);
  });

  it('docs/lessons.md 14: never, while two workers ask at the same time, is asked once', async () => {
    await core().put(withFlow());
    await Promise.all([core().run(ISSUE), core().run(ISSUE)]);
    const { approvalId } = onlyApprovalAtOa(core());
    expect(core().oa.approvals.size).toBe(1);
    expect(await core().rounds(ISSUE)).toMatchObject([{ approvalId, generation: 1 }]);
  });

  it('before GET knows of it is looked into again until it does', async () => {
    await core().write(withFlow());
    const { id, approvalId } = onlyApprovalAtOa(core());
    core().oa.control.approve(id, DECIDER);
    core().oa.control.misbehave({ kind: 'STALE_READ', times: 2 });
    const { waitSeconds } = await core().receiveOaEvent(approvalId);
    expect(waitSeconds).toBe(2);
    expect((await stepOf(core())).status).toBe('PENDING');
    await hear(core(), approvalId);
    expect((await stepOf(core())).status).toBe('APPROVED');
  });

  it('without a decision is looked into a few times, and never for ever', async () => {
    await core().write(withFlow());
    const { approvalId } = onlyApprovalAtOa(core());
    expect(await callsDuring(core(), () => hear(core(), approvalId))).toBeLessThanOrEqual(4);
    expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING' });
  });

  it('docs/lessons.md 33: not at all is found out by looking, at first after a minute', async () => {
    await core().write(withFlow());
    core().oa.control.approve(onlyApprovalAtOa(core()).id, DECIDER);
    await sweepAtIntervals(core(), MINUTE);
    expect((await stepOf(core())).status).toBe('APPROVED');
  });

  it('docs/lessons.md 33: not at all, days after it was asked, is found out within the hour', async () => {
    await core().write(withFlow());
    await sweepAtIntervals(core(), 72 * HOUR, HOUR);
    core().oa.control.approve(onlyApprovalAtOa(core()).id, DECIDER);
    await sweepAtIntervals(core(), 66 * MINUTE, 6 * MINUTE);
    expect((await stepOf(core())).status).toBe('APPROVED');
  });

  it('before the answer to what was asked is no loss: what was decided by then is found', async () => {
    core().oa.control.misbehave({ kind: 'RESET_AFTER', on: 'POST', times: 1 });
    await core().write(withFlow());
    await decideAtOa(core(), 'approve');
    expect(await stepOf(core())).toMatchObject({ status: 'APPROVED', approval: { state: 'APPROVED' } });
    expect(core().oa.approvals.size).toBe(1);
  });

  it('while the record is invalid waits until it is valid, and is applied then', async () => {
    await core().write(withFlow());
    const { id, approvalId } = onlyApprovalAtOa(core());
    const { title, ...untitled } = await core().record(ISSUE);
    await core().put(untitled);
    core().oa.control.approve(id, DECIDER);
    await core().receiveOaEvent(approvalId);
    expect((await stepOf(core())).status).toBe('PENDING');
    await core().put({ ...(await core().record(ISSUE)), title });
    await core().run(ISSUE);
    expect((await stepOf(core())).status).toBe('APPROVED');
  });
});

describe('docs/lessons.md 3: a decision on a request that', () => {
  it('could not be taken back is kept with it, and moves nothing of the next one', async () => {
    await core().write(withFlow());
    const first = onlyApprovalAtOa(core());
    core().oa.control.misbehave({ kind: 'STATUS', on: 'PATCH', status: 409, times: 1 });
    await edit('SELECT 2;');
    expect(await firstRound()).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'SUPERSEDED',
      error: { code: 'CANCEL_REFUSED' },
    });
    expect(openAtOa(core())).toHaveLength(2);

    core().oa.control.approve(first.id, DECIDER);
    await hear(core(), first.approvalId);
    expect((await firstRound()).decisions).toMatchObject([{ result: 'APPROVED', applied: false }]);
    expect(await stepOf(core())).toMatchObject({
      status: 'PENDING',
      approval: { state: 'PENDING', generation: 2, decisions: [] },
    });
    expect(core().pending()).toEqual([]);
  });

  it('could not be taken back, and that nobody decides, is taken back in the end', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    core().oa.control.misbehave({ kind: 'STATUS', on: 'PATCH', status: 409, times: 1 });
    await edit('SELECT 2;');
    await sweepAtIntervals(core(), 3 * MINUTE, MINUTE);
    expect(core().oa.approvals.get(id)?.status).toBe('CANCELED');
    expect(openAtOa(core())).toHaveLength(1);
  });

  it('was refused for other SQL is kept unapplied, and does not hold the flow', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    await core().put({ ...(await core().record(ISSUE)), ...withSql('SELECT 2;') });
    core().oa.control.reject(id, DECIDER);
    await core().run(ISSUE);

    expect((await firstRound()).decisions).toMatchObject([{ result: 'REJECTED', applied: false }]);
    expect(await stepOf(core())).toMatchObject({ status: 'PENDING', hold: 'FLOW_PENDING' });
    expect(openAtOa(core())).toHaveLength(1);
  });

  it('belongs to a closed issue is kept unapplied', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    await core().put({ ...(await core().record(ISSUE)), status: 'DONE' });
    core().oa.control.approve(id, DECIDER);
    await core().run(ISSUE);

    expect(await firstRound()).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'ISSUE_CLOSED',
      decisions: [{ applied: false }],
    });
    expect((await stepOf(core())).status).toBe('PENDING');
  });

  it('came out of turn is kept unapplied, and the step is asked again when its turn comes', async () => {
    const dba = aStep({ stepId: 'dba', status: 'APPROVED' });
    await core().write(withFlow({}, [dba, anOaStep()]));
    const { id, approvalId } = onlyApprovalAtOa(core());
    core().oa.control.approve(id, DECIDER);
    await core().put({
      ...(await core().record(ISSUE)),
      approvalFlow: { steps: [{ ...dba, status: 'PENDING' }, anOaStep()] },
    });
    await core().receiveOaEvent(approvalId);
    expect(await firstRound()).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'FLOW_CHANGED',
      decisions: [{ applied: false }],
    });
    expect((await stepOf(core())).status).toBe('PENDING');

    await core().edit(ISSUE, (issue) => Object.assign(issue, { approvalFlow: { steps: [dba, anOaStep()] } }));
    expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING', generation: 2 });
    expect(core().pending()).toEqual([]);
  });
});

describe('a withdrawal at the OA', () => {
  it('docs/lessons.md 5: whose answer is lost is seen to be done', async () => {
    await core().write(withFlow());
    core().oa.control.misbehave({ kind: 'RESET_AFTER', on: 'PATCH', times: 1 });
    await core().edit(ISSUE, ring);
    expect(await firstRound()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'BELL' });
    expect((await firstRound()).error).toBeUndefined();
    expect(openAtOa(core())).toHaveLength(1);
  });

  it('docs/lessons.md 6: meets an approval of the same SQL, which counts', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    core().oa.control.misbehave({ kind: 'STALE_READ', times: 1 });
    core().oa.control.approve(id, DECIDER);
    await core().edit(ISSUE, ring);
    expect(await stepOf(core())).toMatchObject({ status: 'APPROVED', approval: { generation: 1 } });
    expect(core().oa.control.calls().PATCH).toBe(1);
    expect(core().oa.approvals.size).toBe(1);
  });

  it('of what the OA has forgotten is done, and what it is asked next is new', async () => {
    await core().write(withFlow());
    const { approvalId } = onlyApprovalAtOa(core());
    core().oa.control.forget();
    await edit('SELECT 2;');
    expect(onlyApprovalAtOa(core()).approvalId).not.toBe(approvalId);
    expect(await firstRound()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'SUPERSEDED' });
    await sweepAtIntervals(core(), 3 * HOUR, 10 * MINUTE);
    expect(core().oa.approvals.size).toBe(1);
  });

  it('tells the OA why', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    await edit('SELECT 2;');
    expect(core().oa.approvals.get(id)?.canceledReason).toBe('SUPERSEDED');
  });

  it('docs/lessons.md 34: of what the OA took up and never said so, is made good once it answers', async () => {
    core().oa.control.misbehave({ kind: 'STATUS', on: 'POST', status: 504, carriedOut: true });
    await core().write(withFlow());
    const { approvalId } = onlyApprovalAtOa(core());
    await core().edit(ISSUE, (issue) => Object.assign(issue, { status: 'CANCELED' }));
    await sweepAtIntervals(core(), 3 * HOUR, 10 * MINUTE);
    expect(await firstRound()).toMatchObject({ approvalId, state: 'WITHDRAWN', closeReason: 'ISSUE_CLOSED' });
    expect(openAtOa(core())).toHaveLength(1);
    core().oa.control.behave();
    await sweepAtIntervals(core(), 3 * HOUR, HOUR);

    expect(openAtOa(core())).toEqual([]);
    expect(core().oa.approvals.size).toBe(1);
  });
});

describe('an OA that forgets', () => {
  it('what it approved does not take the approval back', async () => {
    await core().write(withFlow());
    await decideAtOa(core(), 'approve');
    const { approvalId } = await firstRound();
    core().oa.control.forget();
    await core().receiveOaEvent(approvalId);
    await sweepAtIntervals(core(), 3 * HOUR, HOUR);
    expect((await stepOf(core())).status).toBe('APPROVED');
    expect(core().oa.approvals.size).toBe(0);
    expect(core().pending()).toHaveLength(1);
  });

  it('what it was deciding is asked the same again, word for word, though the title has changed', async () => {
    await core().write(withFlow());
    const { request } = onlyApprovalAtOa(core());
    core().oa.control.forget();
    await core().edit(ISSUE, (issue) => Object.assign(issue, { title: 'another' }));
    await sweepAtIntervals(core(), 2 * MINUTE);
    expect(onlyApprovalAtOa(core()).request).toEqual(request);
  });

  it('again and again is asked again each time, one at a time', async () => {
    await core().write(withFlow());
    for (let times = 0; times < 4; times++) {
      core().oa.control.forget();
      await sweepAtIntervals(core(), HOUR, 10 * MINUTE);
      expect(openAtOa(core())).toHaveLength(1);
    }
    await decideAtOa(core(), 'reject');
    expect(await stepOf(core())).toMatchObject({ status: 'REJECTED', approval: { generation: 1 } });
  });
});
