import { describe, expect, it } from 'vitest';
import { ISSUE } from '../../support/core.ts';
import { openAtOa, sweepAtIntervals, withFlow } from '../../support/external-steps.ts';
import { anIssue } from '../../support/issue.ts';
import { NODE } from '../../support/oa.ts';
import { anOaStep } from '../../support/round.ts';
import { aSlotRequest } from '../../support/slot-request.ts';
import { useCore } from '../../support/use-core.ts';

const core = useCore();
const MINUTE = 60_000;
const issues = (count: number) => Array.from({ length: count }, (_, index) => `many-${index}`);

/** Runs an issue and returns how long its worker was busy. */
async function busy(issueId: string): Promise<{ ms: number; waitSeconds?: number }> {
  const begun = core().clock.now();
  const result = await core().run(issueId);
  return { ms: core().clock.now() - begun, ...result };
}

/** Makes the OA busy: its last call took `tookMs`, and another worker calls it now. */
async function makeBusy(tookMs: number): Promise<void> {
  const { work, clock } = core();
  await work.pacer.observe(NODE.nodeId, 'call', tookMs);
  await work.pacer.reserve(NODE.nodeId, 'call', aSlotRequest(clock.date()));
}

describe('an OA that takes four seconds for each call', () => {
  it('gets one call at a time: the other messages wait in the queue and occupy no worker', async () => {
    core().oa.control.misbehave({ kind: 'SLOW', ms: 4_000 });
    await makeBusy(4_000);
    const ids = issues(6);
    for (const issueId of ids) await core().put(withFlow({ issueId }));
    const runs = [];
    for (const issueId of ids) runs.push(await busy(issueId));

    expect(runs.map(({ ms }) => ms)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(runs.map(({ waitSeconds }) => waitSeconds)).toEqual([4, 8, 12, 16, 20, 25]);
    expect(core().oa.control.calls().POST).toBe(0);
    await core().clock.advance(5_000);
    await core().run('many-0');
    expect(openAtOa(core()).map(({ request }) => request.issueId)).toEqual(['many-0']);
  });

  it('receives every request in the end, each once', { timeout: 240_000 }, async () => {
    core().oa.control.misbehave({ kind: 'SLOW', ms: 4_000 });
    const ids = issues(30);
    for (const issueId of ids) await core().put(withFlow({ issueId }));
    await sweepAtIntervals(core(), 10 * MINUTE, MINUTE);
    expect(
      openAtOa(core())
        .map(({ request }) => request.issueId)
        .sort(),
    ).toEqual(ids.toSorted());
    expect([...core().oa.approvals.values()].every(({ posts }) => posts === 1)).toBe(true);
  });

  it('delays neither requests to Feishu nor requests to another OA', async () => {
    core().oa.control.misbehave({ kind: 'SLOW', ms: 4_000, times: 1 });
    await core().write(withFlow());
    const { work, clock } = core();
    for (let taken = 0; taken < 40; taken++)
      await work.pacer.reserve(NODE.nodeId, 'call', aSlotRequest(clock.date()));
    await core().saveNode({ ...NODE, nodeId: 'another' });

    await core().put(anIssue({ issueId: 'for-feishu' }));
    expect(await busy('for-feishu')).toEqual({ ms: 0 });
    await core().put(withFlow({ issueId: 'for-another' }, [anOaStep({ externalNodeId: 'another' })]));
    expect(await busy('for-another')).toEqual({ ms: 0 });
    expect(openAtOa(core()).map(({ request }) => request.issueId)).toContain('for-another');
  });

  it('does not delay a stage of the same issue once no step is left in the flow', async () => {
    await core().write(withFlow());
    const { work, clock } = core();
    core().oa.control.misbehave({ kind: 'SLOW', ms: 4_000 });
    await core().work.pacer.observe(NODE.nodeId, 'call', 4_000);
    for (let taken = 0; taken < 5; taken++)
      await work.pacer.reserve(NODE.nodeId, 'call', aSlotRequest(clock.date()));
    await core().put({ ...(await core().record(ISSUE)), approvalFlow: null });
    const { waitSeconds = 0 } = await core().run(ISSUE);
    expect(core().pending()).toHaveLength(1);
    // The turn at the OA is 20 s ahead, but a card is open now: a tap must not wait for the turn (docs/lessons.md 37).
    expect(waitSeconds).toBe(5);
  });
});

describe('an OA that never answers', () => {
  it('has messages hidden for at most a minute, and puts every other round in line', async () => {
    core().oa.control.misbehave({ kind: 'HANG' });
    await makeBusy(5_000);
    const ids = issues(40);
    for (const issueId of ids) await core().put(withFlow({ issueId }));
    const runs = [];
    for (const issueId of ids) runs.push(await busy(issueId));

    expect(runs.every(({ ms }) => ms === 0)).toBe(true);
    const queued = runs.filter(({ waitSeconds }) => waitSeconds !== undefined);
    expect(queued.map(({ waitSeconds }) => waitSeconds)).toEqual(
      Array.from({ length: 12 }, (_, index) => (index + 1) * 5),
    );
    const [last] = await core().rounds('many-39');
    expect(last?.waiting).toEqual({ api: 'call', since: core().clock.date().toISOString() });
  });

  it('receives every request once it is back', { timeout: 240_000 }, async () => {
    core().oa.control.misbehave({ kind: 'HANG' });
    const ids = issues(20);
    for (const issueId of ids) await core().put(withFlow({ issueId }));
    await sweepAtIntervals(core(), 5 * MINUTE, MINUTE);
    core().oa.control.behave();
    await sweepAtIntervals(core(), 10 * MINUTE, MINUTE);
    expect(openAtOa(core())).toHaveLength(20);
  });
});
