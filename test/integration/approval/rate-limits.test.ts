import { describe, expect, it } from 'vitest';
import type { PacedApi } from '../../../shared/approval/pacing.ts';
import { ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

const core = useCore();

const calls = (endpoint: 'getInstance' | 'cancelInstance' | 'createInstance' | 'people'): number =>
  core().simulator.control.calls().calls[endpoint] ?? 0;

/** So many others have taken their slots a moment ago. */
async function others(api: PacedApi, count: number): Promise<void> {
  const { work, settings, clock } = core();
  for (let taken = 0; taken < count; taken++) await work.pacer.reserve(settings.appId, api, clock.date());
}

const reassign = (): Promise<void> =>
  core().edit(ISSUE, (issue) => {
    issue.assignee = { email: 'another@example.com' };
  });

describe('a card to be taken back while hundreds wait', () => {
  it('LESSONS row 24: is not looked at before its time, then looked at, cancelled and sent again', async () => {
    await core().write(anIssue());
    await others('cancel', 40);
    core().simulator.control.resetCalls();
    await reassign();
    expect([calls('getInstance'), calls('cancelInstance')]).toEqual([0, 0]);
    await core().clock.advance(21_000);
    expect(await core().run(ISSUE)).toEqual({});
    expect([calls('getInstance'), calls('cancelInstance'), calls('createInstance')]).toEqual([2, 1, 1]);
    expect(core().pending('another@example.com')).toHaveLength(1);
  });

  it('waits for a slot of its own again when Feishu has refused calls at its time since', async () => {
    await core().write(anIssue());
    await others('cancel', 40);
    await reassign();
    const { work, settings, clock } = core();
    await work.pacer.holdUntil(settings.appId, 'cancel', new Date(clock.now() + 30_000));
    await clock.advance(21_000);
    core().simulator.control.resetCalls();
    expect((await core().run(ISSUE)).waitSeconds).toBeGreaterThanOrEqual(9);
    expect([calls('getInstance'), calls('cancelInstance')]).toEqual([0, 0]);
  });

  it('is told after a refusal at once how long the whole queue is, in place of coming back to hear it', async () => {
    await core().write(anIssue());
    await others('cancel', 40);
    await reassign();
    await others('cancel', 60);
    await core().clock.advance(21_000);
    core().simulator.control.misbehave({
      kind: 'RATE_LIMITED',
      endpoint: 'cancelInstance',
      times: 1,
      resetSeconds: 30,
    });
    const { waitSeconds = 0 } = await core().run(ISSUE);
    expect(waitSeconds).toBeGreaterThan(38);
    await core().clock.advance(waitSeconds * 1_000);
    expect(await core().run(ISSUE)).toEqual({});
    expect(core().pending('another@example.com')).toHaveLength(1);
  });
});

it('LESSONS row 24: a first card that has to wait is asked nothing of Feishu before its time', async () => {
  await others('create', 40);
  await core().put(anIssue());
  const { waitSeconds = 0 } = await core().run(ISSUE);
  expect(waitSeconds).toBeGreaterThanOrEqual(20);
  expect([calls('people'), calls('createInstance')]).toEqual([0, 0]);
  await core().clock.advance(waitSeconds * 1_000);
  expect(await core().run(ISSUE)).toEqual({});
  expect(core().pending()).toHaveLength(1);
});
