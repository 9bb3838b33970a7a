import { describe, expect, it } from 'vitest';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { ISSUE } from '../../support/core.ts';
import {
  callsDuring,
  decideAtOa,
  onlyApprovalAtOa,
  openAtOa,
  ring,
  stepOf,
  sweepAtIntervals,
  withFlow,
  withSql,
} from '../../support/external-steps.ts';
import { NODE } from '../../support/oa.ts';
import { useCore } from '../../support/use-core.ts';

const core = useCore();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const down = () => core().oa.control.misbehave({ kind: 'STATUS', status: 503 });
const errorCode = async () => (await stepOf(core())).approval?.error?.code;

describe('an OA that is out of reach', () => {
  it('is called about once a minute in the first hour, then less often, and at least hourly', async () => {
    await core().write(withFlow());
    down();
    const callsIn = (hours: number, sweptEach: number) =>
      callsDuring(core(), () => sweepAtIntervals(core(), hours * HOUR, sweptEach));
    const [first, second] = [await callsIn(1, MINUTE), await callsIn(1, 5 * MINUTE)];
    expect(first).toBeGreaterThanOrEqual(20);
    expect(first).toBeLessThanOrEqual(80);
    expect(second).toBeLessThanOrEqual(5);
    const later = await callsIn(4, 5 * MINUTE);
    expect(later).toBeGreaterThanOrEqual(3);
    expect(later).toBeLessThanOrEqual(12);
  });

  it('is reported as an error after 24 hours, not earlier, and is still called', async () => {
    await core().write(withFlow());
    await sweepAtIntervals(core(), 5 * HOUR, HOUR);
    down();
    await sweepAtIntervals(core(), HOUR);
    await sweepAtIntervals(core(), 23 * HOUR, HOUR);
    expect(await errorCode()).toBeUndefined();
    await sweepAtIntervals(core(), 2 * HOUR, HOUR);
    expect(await stepOf(core())).toMatchObject({
      status: 'PENDING',
      hold: 'FLOW_PENDING',
      approval: { state: 'PENDING', error: { code: 'OA_UNAVAILABLE' } },
    });
    expect(await callsDuring(core(), () => sweepAtIntervals(core(), 4 * HOUR, HOUR))).toBeGreaterThanOrEqual(
      3,
    );
  });

  it('restarts the 24 hours if it answers once in between', async () => {
    await core().write(withFlow());
    down();
    await sweepAtIntervals(core(), 20 * HOUR, HOUR);
    core().oa.control.behave();
    await sweepAtIntervals(core(), 2 * HOUR, HOUR);
    down();
    await sweepAtIntervals(core(), 20 * HOUR, HOUR);
    expect(await errorCode()).toBeUndefined();
  });

  it('has its decision applied as soon as it is back, and the error is removed', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    core().oa.control.approve(id, 'board@example.com');
    down();
    await sweepAtIntervals(core(), 30 * HOUR, HOUR);
    expect(await errorCode()).toBe('OA_UNAVAILABLE');
    core().oa.control.behave();
    await sweepAtIntervals(core(), 2 * HOUR, HOUR);

    expect(await stepOf(core())).toMatchObject({ status: 'APPROVED', approval: { state: 'APPROVED' } });
    expect(await errorCode()).toBeUndefined();
    expect(core().pending()).toHaveLength(1);
  });

  it('is called at once when it sends an event', async () => {
    await core().write(withFlow());
    const { id, approvalId } = onlyApprovalAtOa(core());
    down();
    await sweepAtIntervals(core(), 10 * HOUR, HOUR);
    core().oa.control.behave();
    core().oa.control.approve(id, 'board@example.com');
    await core().receiveOaEvent(approvalId);
    expect((await stepOf(core())).status).toBe('APPROVED');
  });

  it.each<[string, (issue: IssueRecord) => unknown]>([
    ['the SQL changes', (issue) => Object.assign(issue, withSql('SELECT 2;'))],
    ['the creator rings the bell', (issue) => ring(issue)],
    ['the issue is closed', (issue) => Object.assign(issue, { status: 'CANCELED' })],
    ['the step is removed', (issue) => Object.assign(issue, { approvalFlow: null })],
  ])('is not called more often when %s', async (_, change) => {
    await core().write(withFlow());
    down();
    await sweepAtIntervals(core(), 3 * HOUR, HOUR);
    await core().edit(ISSUE, change);
    expect(await callsDuring(core(), () => sweepAtIntervals(core(), 6 * HOUR, 5 * MINUTE))).toBeLessThan(40);
    core().oa.control.behave();
    await sweepAtIntervals(core(), 26 * HOUR, HOUR);

    const wanted =
      (await core().record(ISSUE)).status === 'OPEN' && (await stepOf(core())).status !== undefined;
    expect(openAtOa(core())).toHaveLength(wanted ? 1 : 0);
    const live = (await core().rounds(ISSUE)).filter(
      ({ state }) => state === 'REQUESTED' || state === 'PENDING',
    );
    expect(live.filter(({ channel }) => channel === 'EXTERNAL')).toHaveLength(wanted ? 1 : 0);
  });

  it('does not delay a stage once its step is no longer in the flow', async () => {
    await core().write(withFlow());
    down();
    await core().edit(ISSUE, (issue) => Object.assign(issue, { approvalFlow: null }));
    expect(core().pending()).toHaveLength(1);
  });

  it('leaves no live round once its node and its step are removed', async () => {
    await core().write(withFlow());
    await core().saveNode(undefined);
    await core().edit(ISSUE, (issue) => Object.assign(issue, { approvalFlow: null }));
    await sweepAtIntervals(core(), HOUR, 10 * MINUTE);

    expect((await core().rounds(ISSUE)).find(({ channel }) => channel === 'EXTERNAL')).toMatchObject({
      state: 'WITHDRAWN',
    });
    expect(core().pending()).toHaveLength(1);
  });
});

describe('docs/lessons.md 26: an OA that answers', () => {
  it.each([400, 401, 403, 404, 409, 410, 422, 500, 502])(
    '%i to a request is asked again, and never fails the step',
    async (status) => {
      core().oa.control.misbehave({ kind: 'STATUS', on: 'POST', status, times: 2 });
      await core().write(withFlow());
      expect(await stepOf(core())).toMatchObject({ status: 'PENDING', approval: { state: 'REQUESTED' } });
      await sweepAtIntervals(core(), 4 * MINUTE, MINUTE);
      expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING' });
      expect(core().oa.approvals.size).toBe(1);
    },
  );

  it.each([400, 401, 403, 409, 422, 500])(
    '%i to a look is looked at again, and this decides nothing',
    async (status) => {
      await core().write(withFlow());
      const { id } = onlyApprovalAtOa(core());
      core().oa.control.reject(id, 'board@example.com');
      core().oa.control.misbehave({ kind: 'STATUS', on: 'GET', status, times: 2 });
      await sweepAtIntervals(core(), MINUTE);
      expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING' });
      await sweepAtIntervals(core(), 5 * MINUTE, MINUTE);
      expect((await stepOf(core())).status).toBe('REJECTED');
    },
  );

  it('nothing to a request costs at most five seconds, and is asked again', async () => {
    core().oa.control.misbehave({ kind: 'HANG', on: 'POST', times: 1 });
    const begun = core().clock.now();
    await core().write(withFlow());
    expect(core().clock.now() - begun).toBeLessThanOrEqual(5_500);
    expect((await stepOf(core())).approval).toMatchObject({ state: 'REQUESTED' });
    await sweepAtIntervals(core(), 2 * MINUTE, MINUTE);
    expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING' });
  });
});

describe('an OA that asks us to slow down', () => {
  it('is not called for as long as it says, and then asked', async () => {
    core().oa.control.misbehave({ kind: 'STATUS', status: 429, retryAfterSeconds: 40, times: 1 });
    await core().put(withFlow());
    const { waitSeconds = 0 } = await core().run(ISSUE);
    expect(waitSeconds).toBeGreaterThanOrEqual(40);
    expect(waitSeconds).toBeLessThanOrEqual(41);
    expect(await errorCode()).toBeUndefined();

    const early = async () => {
      await core().clock.advance(20_000);
      await core().run(ISSUE);
    };
    expect(await callsDuring(core(), early)).toBe(0);
    await core().clock.advance(waitSeconds * 1_000 - 20_000);
    expect(await core().run(ISSUE)).toEqual({});
    expect((await stepOf(core())).approval).toMatchObject({ state: 'PENDING' });
  });

  it('is not called for other issues either, which are asked afterwards', async () => {
    core().oa.control.misbehave({ kind: 'STATUS', status: 429, retryAfterSeconds: 40, times: 1 });
    await core().put(withFlow());
    await core().run(ISSUE);
    await core().put(withFlow({ issueId: 'issue-2' }));
    expect(await callsDuring(core(), () => core().run('issue-2'))).toBe(0);
    await sweepAtIntervals(core(), 3 * MINUTE, MINUTE);
    expect(openAtOa(core())).toHaveLength(2);
  });

  it('during a withdrawal gets the withdrawal later', async () => {
    await core().write(withFlow());
    const { id } = onlyApprovalAtOa(core());
    core().oa.control.misbehave({
      kind: 'STATUS',
      on: 'PATCH',
      status: 429,
      retryAfterSeconds: 30,
      times: 1,
    });
    await core().edit(ISSUE, (issue) => Object.assign(issue, { status: 'CANCELED' }));
    expect(core().oa.approvals.get(id)?.status).toBe('PENDING');
    await sweepAtIntervals(core(), 3 * MINUTE, MINUTE);

    expect(core().oa.approvals.get(id)?.status).toBe('CANCELED');
    expect((await stepOf(core())).approval).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'ISSUE_CLOSED',
    });
  });

  it('repeatedly is never given up, and is reported as an error after a day', async () => {
    core().oa.control.misbehave({ kind: 'STATUS', status: 429, retryAfterSeconds: 60 });
    await core().write(withFlow());
    await sweepAtIntervals(core(), 20 * HOUR, HOUR);
    expect(await errorCode()).toBeUndefined();
    await sweepAtIntervals(core(), 8 * HOUR, HOUR);
    expect((await stepOf(core())).approval).toMatchObject({
      state: 'REQUESTED',
      error: { code: 'OA_UNAVAILABLE' },
    });
    core().oa.control.behave();
    await sweepAtIntervals(core(), 2 * HOUR, HOUR);
    await decideAtOa(core(), 'approve');
    expect((await stepOf(core())).status).toBe('APPROVED');
  });
});

describe('an OA whose node is saved again', () => {
  it('with another address is asked there, with the same approvalId', async () => {
    down();
    await core().write(withFlow());
    const [{ approvalId } = { approvalId: '' }] = await core().rounds(ISSUE);
    await core().saveNode({ ...NODE, endpoint: 'https://elsewhere.invalid', revision: 2 });
    core().oa.control.behave();
    await sweepAtIntervals(core(), 2 * MINUTE, MINUTE);
    expect(onlyApprovalAtOa(core())).toMatchObject({ approvalId });
  });
});
