import { describe, expect, it } from 'vitest';
import { callWaiting } from '../../../shared/approval/call-up.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { isCalledUp, placeInLine } from '../../../shared/approval/plan/waiting-line.ts';
import type { PacedApi } from '../../../shared/approval/store/pacing.ts';
import { callUp } from '../../support/call-up.ts';
import { ASSIGNEE, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { aSlotRequest } from '../../support/slot-request.ts';
import { useCore } from '../../support/use-core.ts';

const core = useCore();

const calls = (endpoint: 'getInstance' | 'cancelInstance' | 'createInstance' | 'people'): number =>
  core().simulator.control.calls().calls[endpoint] ?? 0;

/** Reserves `count` slots for other rounds, just now. */
async function reserveSlots(api: PacedApi, count: number): Promise<void> {
  const { work, settings, clock } = core();
  for (let taken = 0; taken < count; taken++)
    await work.pacer.reserve(settings.appId, api, aSlotRequest(clock.date()));
}

const reassign = (): Promise<void> =>
  core().edit(ISSUE, (issue) => {
    issue.assignee = { email: 'another@example.com' };
  });

describe('a card to be withdrawn while hundreds wait', () => {
  const LINE = { api: 'cancel', owner: '' } as const;
  const line = () => ({ ...LINE, owner: core().settings.appId });
  const first = async () => (await core().rounds(ISSUE))[0];

  /** Sends a card and reassigns it when the cancels of this minute are used up. */
  async function waiting(): Promise<void> {
    await core().write(anIssue());
    await reserveSlots('cancel', 120);
    core().simulator.control.resetCalls();
    await reassign();
  }

  it('docs/lessons.md 24 and 37: waits in line without a call, and is then cancelled and sent again', async () => {
    await waiting();
    const round = await first();
    expect(round?.checkAfter).toBe(placeInLine(line(), round?.withdraw?.at ?? ''));
    expect([calls('getInstance'), calls('cancelInstance')]).toEqual([0, 0]);
    await core().clock.advance(40_000);
    expect(await callUp(core())).toBe(1);
    expect([calls('getInstance'), calls('cancelInstance'), calls('createInstance')]).toEqual([2, 1, 1]);
    expect(core().pending('another@example.com')).toHaveLength(1);
  });

  it('docs/lessons.md 37: is not tried because of other hints or a resync', async () => {
    await waiting();
    await core().clock.advance(10 * 60_000);
    const before = await first();
    const { issueId = '', approvalId = '' } = before ?? {};
    const resync: Hint = { kind: 'DUE', issueId, approvalIds: [approvalId], resync: true };
    expect(await core().run(ISSUE)).toEqual({});
    expect(await core().run(ISSUE, resync)).toEqual({});
    expect(await core().run(ISSUE, { kind: 'DUE', issueId, approvalIds: [] })).toEqual({});
    expect(await first()).toEqual(before);
    expect(calls('cancelInstance')).toBe(0);
  });

  it('docs/lessons.md 37: is applied at once when it is tapped and its content is unchanged', async () => {
    await core().write(anIssue());
    await reserveSlots('cancel', 120);
    await core().saveSettings({ ...core().settings, enabled: false });
    await core().run(ISSUE);
    expect((await first())?.waiting?.api).toBe('cancel');
    const card = core().card();
    core().simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core().receiveEvent(card, 'APPROVED');
    expect((await core().record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
    const round = await first();
    expect(round).toMatchObject({ state: 'APPROVED' });
    expect(round?.waiting).toBeUndefined();
    expect(calls('cancelInstance')).toBe(0);
  });

  it('docs/lessons.md 37: keeps its place when an event says it is decided and GET lags behind', async () => {
    await waiting();
    const place = (await first())?.checkAfter;
    expect(await core().receiveEvent(core().card(), 'APPROVED')).toEqual({ waitSeconds: 2 });
    expect((await first())?.checkAfter).toBe(place);
    expect(calls('cancelInstance')).toBe(0);
  });

  it('docs/lessons.md 37: hides its message for at most five seconds', async () => {
    await core().write(anIssue());
    await reserveSlots('cancel', 10);
    await core().clock.advance(2_000);
    await reassign();
    const slot = (await first())?.slots.cancel;
    expect(Date.parse(slot ?? '') - core().clock.now()).toBeLessThanOrEqual(5_000);
    await core().clock.advance(5_000);
    expect(await core().run(ISSUE)).toEqual({});
    expect(core().pending('another@example.com')).toHaveLength(1);
  });

  it('returns to its old place in line when Feishu refuses the call', async () => {
    await waiting();
    await core().clock.advance(40_000);
    core().simulator.control.misbehave({
      kind: 'RATE_LIMITED',
      endpoint: 'cancelInstance',
      times: 1,
      resetSeconds: 30,
    });
    let refusedAt = 0;
    let canceledAt = 0;
    await callUp(core(), () => {
      if (!refusedAt && calls('cancelInstance') > 0) refusedAt = core().clock.now();
      if (!canceledAt && core().pending('another@example.com').length > 0) canceledAt = core().clock.now();
    });
    expect(canceledAt - refusedAt).toBeGreaterThanOrEqual(29_000);
    expect(canceledAt - refusedAt).toBeLessThan(35_000);
  });

  it('is called up again when the hint is lost', async () => {
    await waiting();
    await core().clock.advance(40_000);
    const { documents, tables, clock, work } = core();
    const lost = { ...work.queue, send: async () => undefined };
    const sweeping = { documents, tables, pacer: work.pacer, now: clock.date };
    await callWaiting({ ...sweeping, queue: lost, sleep: clock.advance });
    const round = await first();
    expect(round && isCalledUp(round)).toBe(true);
    await clock.advance(2 * 60_000);
    expect(await callUp(core())).toBe(1);
    expect(core().pending('another@example.com')).toHaveLength(1);
  });

  it('is called up once when two sweeps run at the same time', async () => {
    await waiting();
    await core().clock.advance(40_000);
    const { documents, tables, clock, work, queued } = core();
    queued.length = 0;
    const sweeping = { documents, tables, pacer: work.pacer, queue: work.queue, now: clock.date };
    const sleep = clock.advance;
    await Promise.all([callWaiting({ ...sweeping, sleep }), callWaiting({ ...sweeping, sleep })]);
    expect(queued).toHaveLength(1);
  });
});

it('docs/lessons.md 37: a card that waits to be sent is withdrawn without a slot', async () => {
  await reserveSlots('create', 120);
  await core().put(anIssue());
  await core().run(ISSUE);
  expect((await core().rounds(ISSUE))[0]?.waiting?.api).toBe('create');
  await reassign();
  expect(await core().rounds(ISSUE)).toMatchObject([
    { state: 'WITHDRAWN', closeReason: 'SUPERSEDED' },
    { state: 'REQUESTED', waiting: { api: 'create' } },
  ]);
});

it('docs/lessons.md 24: a first card that must wait costs no call before its slot', async () => {
  await reserveSlots('create', 40);
  await core().put(anIssue());
  const { waitSeconds = 0 } = await core().run(ISSUE);
  expect(waitSeconds).toBeGreaterThanOrEqual(15);
  expect([calls('people'), calls('createInstance')]).toEqual([0, 0]);
  await core().clock.advance(waitSeconds * 1_000);
  expect(await core().run(ISSUE)).toEqual({});
  expect(core().pending()).toHaveLength(1);
});

it.each([5, 45])(
  'a first card that Feishu refuses waits as long as Feishu says: %d seconds',
  async (seconds) => {
    const limit = { kind: 'RATE_LIMITED', endpoint: 'createInstance', times: 1 } as const;
    core().simulator.control.misbehave({ ...limit, resetSeconds: seconds });
    await core().put(anIssue());
    const { waitSeconds = 0 } = await core().run(ISSUE);
    expect(waitSeconds).toBeGreaterThanOrEqual(seconds);
    expect(waitSeconds).toBeLessThan(seconds + 5);
  },
);
