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

/** Delivers the hint of an OA event, again and again as long as the core asks to wait. */
async function deliverEvent(at: Core, approvalId: string): Promise<void> {
  const pointer = await at.work.store.findIssue({ approvalId });
  if (!pointer) throw new Error('no approval has this id');
  await deliver(at, { kind: 'EXTERNAL_EVENT', ...pointer, eventId: 'e' });
}

const edit = (statement: string) => core().edit(ISSUE, (issue) => Object.assign(issue, withSql(statement)));
/** Returns the first round that the OA was asked with. */
const firstRound = async () => {
  const round = (await core().rounds(ISSUE)).find(({ channel }) => channel === 'EXTERNAL');
  if (!round) throw new Error('the OA was never asked');
  return round;
};

describe('an event of the OA', () => {
  it('docs/lessons.md 1: that two containers handle at the same time leads to one decision and one card', async () => {
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

  it('docs/lessons.md 14: is about the only request, although two workers asked at the same time', async () => {
    await core().put(withFlow());
    await Promise.all([core().run(ISSUE), core().run(ISSUE)]);
    const { approvalId } = onlyApprovalAtOa(core());
    expect(core().oa.approvals.size).toBe(1);
    expect(await core().rounds(ISSUE)).toMatchObject([{ approvalId, generation: 1 }]);
  });

  it('that is earlier than GET shows it leads to further looks until GET shows it', async () => {
    await core().write(withFlow());
    const { id, approvalId } = onlyApprovalAtOa(core());
    core().oa.control.approve(id, DECIDER);
    core().oa.control.misbehave({ kind: 'STALE_READ', times: 2 });
    const { waitSeconds } = await core().receiveOaEvent(approvalId);
    expect(waitSeconds).toBe(2);
    expect((await stepOf(core())).status).toBe('PENDING');
    await deliverEvent(core(), approvalId);
    expect((await stepOf(core())).status).toBe('APPROVED');
  });

  it('without a decision leads to a few looks only', async () => {
    await core().write(withFlow());
    const { approvalId } = onlyApprovalAtOa(core());
    expect(await callsDuring(core(), () => deliverEvent(core(), approvalId))).toBeLessThanOrEqual(4);
    expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING' });
  });

  it('docs/lessons.md 33: that is lost is replaced by a look, at first after a minute', async () => {
    await core().write(withFlow());
    core().oa.control.approve(onlyApprovalAtOa(core()).id, DECIDER);
    await sweepAtIntervals(core(), MINUTE);
    expect((await stepOf(core())).status).toBe('APPROVED');
  });

  it('docs/lessons.md 33: that is lost days after the request is replaced by a look within an hour', async () => {
    await core().write(withFlow());
    await sweepAtIntervals(core(), 72 * HOUR, HOUR);
    core().oa.control.approve(onlyApprovalAtOa(core()).id, DECIDER);
    await sweepAtIntervals(core(), 66 * MINUTE, 6 * MINUTE);
    expect((await stepOf(core())).status).toBe('APPROVED');
  });

  it('that arrives before the answer to the request still leads to the decision', async () => {
    core().oa.control.misbehave({ kind: 'RESET_AFTER', on: 'POST', times: 1 });
    await core().write(withFlow());
    await decideAtOa(core(), 'approve');
    expect(await stepOf(core())).toMatchObject({ status: 'APPROVED', approval: { state: 'APPROVED' } });
    expect(core().oa.approvals.size).toBe(1);
  });

  it('that arrives while the record is invalid is applied once the record is valid', async () => {
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

describe('docs/lessons.md 3: a request that', () => {
  it('could not be withdrawn keeps its late decision, which does not change the next request', async () => {
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
    await deliverEvent(core(), first.approvalId);
    expect((await firstRound()).decisions).toMatchObject([{ result: 'APPROVED', applied: false }]);
    expect(await stepOf(core())).toMatchObject({
      status: 'PENDING',
      approval: { state: 'PENDING', generation: 2, decisions: [] },
    });
    expect(core().pending()).toEqual([]);
  });

  it('could not be withdrawn is withdrawn later if nobody decides it', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    core().oa.control.misbehave({ kind: 'STATUS', on: 'PATCH', status: 409, times: 1 });
    await edit('SELECT 2;');
    await sweepAtIntervals(core(), 3 * MINUTE, MINUTE);
    expect(core().oa.approvals.get(id)?.status).toBe('CANCELED');
    expect(openAtOa(core())).toHaveLength(1);
  });

  it('is rejected for older SQL keeps that decision as not applied, and the flow continues', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    await core().put({ ...(await core().record(ISSUE)), ...withSql('SELECT 2;') });
    core().oa.control.reject(id, DECIDER);
    await core().run(ISSUE);

    expect((await firstRound()).decisions).toMatchObject([{ result: 'REJECTED', applied: false }]);
    expect(await stepOf(core())).toMatchObject({ status: 'PENDING', hold: 'FLOW_PENDING' });
    expect(openAtOa(core())).toHaveLength(1);
  });

  it('belongs to a closed issue keeps its decision as not applied', async () => {
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

  it('is approved out of turn keeps that decision as not applied, and is asked again in its turn', async () => {
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
  it('docs/lessons.md 5: is found to be done when its answer is lost', async () => {
    await core().write(withFlow());
    core().oa.control.misbehave({ kind: 'RESET_AFTER', on: 'PATCH', times: 1 });
    await core().edit(ISSUE, ring);
    expect(await firstRound()).toMatchObject({ state: 'WITHDRAWN', closeReason: 'BELL' });
    expect((await firstRound()).error).toBeUndefined();
    expect(openAtOa(core())).toHaveLength(1);
  });

  it('docs/lessons.md 6: does not cancel an approval of the same SQL, which counts', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    core().oa.control.misbehave({ kind: 'STALE_READ', times: 1 });
    core().oa.control.approve(id, DECIDER);
    await core().edit(ISSUE, ring);
    expect(await stepOf(core())).toMatchObject({ status: 'APPROVED', approval: { generation: 1 } });
    expect(core().oa.control.calls().PATCH).toBe(1);
    expect(core().oa.approvals.size).toBe(1);
  });

  it('counts as done if the OA has forgotten the approval, and the next request is new', async () => {
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

  it('docs/lessons.md 34: of a request that the OA accepted without an answer is done once the OA answers', async () => {
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
  it('an approval does not undo it', async () => {
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

  it('an open request gets the identical request again, even if the title has changed', async () => {
    await core().write(withFlow());
    const { request } = onlyApprovalAtOa(core());
    core().oa.control.forget();
    await core().edit(ISSUE, (issue) => Object.assign(issue, { title: 'another' }));
    await sweepAtIntervals(core(), 2 * MINUTE);
    expect(onlyApprovalAtOa(core()).request).toEqual(request);
  });

  it('repeatedly is asked again each time, with one open request at most', async () => {
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
