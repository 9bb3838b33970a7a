import { beforeEach, describe, expect, it } from 'vitest';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { aLargeIssue } from '../../support/large-stage.ts';
import { approvalOf, approve } from '../../support/stage-approval.ts';
import { sweepOnce } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

/** Ambiguous answers to a create: 1395001, and a uuid that is taken although no instance has it (ADR 13). */

const database = useDatabase();
let core: Core;
beforeEach(async () => {
  core = await aCore(database());
  return () => core.close();
});

const control = () => core.simulator.control;
/** Lets minutes pass, with a sweep every ten minutes. */
const pass = async (minutes: number) => {
  for (let passed = 0; passed < minutes; passed += 10) {
    await core.clock.advance(Math.min(10, minutes - passed) * 60_000);
    await sweepOnce(core, database().documents);
  }
};
const answerCreates = (code: number, times?: number) =>
  control().misbehave({
    kind: 'ERROR_CODE',
    endpoint: 'createInstance',
    code,
    status: 400,
    ...(times !== undefined && { times }),
  });
const rounds = () => core.rounds(ISSUE);
const formsOf = (all: Round[]) =>
  all.map(({ forms }) => forms.map(({ level, wording }) => `${level} ${wording}`).join(', '));

describe('the answer 1395001', () => {
  it('counts as an outage at first: the request waits with FEISHU_UNAVAILABLE', async () => {
    answerCreates(1395001);
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({
      state: 'REQUESTED',
      error: { code: 'FEISHU_UNAVAILABLE' },
    });
    await pass(50);
    expect(await approvalOf(core)).toMatchObject({ state: 'REQUESTED', generation: 1 });
    control().behave();
    await pass(2);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1, form: 'FULL' });
    await approve(core);
  });

  it('leads to a shorter form with a new uuid once another create of the app succeeds', async () => {
    control().setCreateLimit({ bytes: 60_000, answer: 1395001 });
    await core.write(aLargeIssue(100));
    expect(await approvalOf(core)).toMatchObject({
      state: 'REQUESTED',
      error: { code: 'FEISHU_UNAVAILABLE' },
    });
    await pass(5);
    expect(await rounds()).toHaveLength(1);
    for (let turn = 0; turn < 5; turn++) {
      await core.write(anIssue({ issueId: `other-${turn}`, assignee: { email: 'somebody@example.com' } }));
      await pass(5);
    }
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'COMPACT' });
    expect(formsOf(await rounds())).toEqual(['FULL KEYS', 'FULL PLAIN', 'COMPACT KEYS']);
    expect((await rounds()).slice(0, -1).map(({ closeReason }) => closeReason)).toEqual(['RESENT', 'RESENT']);
    expect(core.pending()).toHaveLength(1);

    // The next large card uses what was learnt.
    control().resetCalls();
    await core.write(aLargeIssue(100, { issueId: 'issue-2' }));
    expect(control().calls().refused.createInstance).toBeUndefined();
  });

  it('shortens a large card after an hour if the app sends nothing else', async () => {
    control().setCreateLimit({ bytes: 60_000, answer: 1395001 });
    await core.write(aLargeIssue(100));
    await pass(4 * 60);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'COMPACT' });
  });

  it('does not shorten a card that is no larger than an accepted one', async () => {
    await core.write(aLargeIssue(30, { issueId: 'issue-2', assignee: { email: 'somebody@example.com' } }));
    answerCreates(1395001);
    await core.write(anIssue());
    await pass(6 * 60);
    expect(await approvalOf(core)).toMatchObject({ state: 'REQUESTED', generation: 1 });
    control().behave();
    await pass(120);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1, form: 'FULL' });
  });

  it('fails the request only at the lowest level, after an hour in which another create succeeded', async () => {
    control().setCreateLimit({ bytes: 2_500, answer: 1395001 });
    await core.write(aLargeIssue(100));
    let minutes = 0;
    for (; minutes < 600 && (await approvalOf(core))?.state !== 'FAILED'; minutes += 10) {
      await sendTiny();
      await pass(10);
    }
    expect(await approvalOf(core)).toMatchObject({ state: 'FAILED', error: { code: 'FEISHU_REFUSED' } });
    expect(formsOf(await rounds())).toEqual([
      'FULL KEYS',
      'FULL PLAIN',
      'COMPACT KEYS',
      'COMPACT PLAIN',
      'MINIMAL KEYS',
      'MINIMAL PLAIN',
    ]);
    const last = (await rounds()).at(-1);
    expect(last?.doubts?.tries).toBeGreaterThanOrEqual(5);
    expect(Date.parse(last?.closedAt ?? '') - Date.parse(last?.doubts?.since ?? '')).toBeGreaterThanOrEqual(
      3_600_000,
    );
    // The instances may exist unseen, so the core looks for them.
    expect(last?.settle).toMatchObject({ what: 'UNKNOWN' });
  });

  it('is counted only while it repeats: another outage resets the count', async () => {
    control().misbehave(
      { kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 2 },
      { kind: 'ERROR_CODE', endpoint: 'createInstance', code: 1395001, status: 400, times: 1 },
    );
    await core.write(anIssue());
    expect((await rounds())[0]?.doubts).toMatchObject({ tries: 1 });
    control().misbehave({ kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 3 });
    await pass(2);
    expect((await rounds())[0]?.doubts).toBeUndefined();
  });

  it('teaches nothing if nothing succeeded for an hour: that was an outage', async () => {
    answerCreates(1395001);
    await core.write(aLargeIssue(30));
    await pass(2 * 60);
    control().behave();
    await pass(60);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING' });
    control().resetCalls();
    await core.write(aLargeIssue(30, { issueId: 'issue-2' }));
    expect((await core.rounds('issue-2')).flatMap(({ forms }) => forms.map(({ level }) => level))).toEqual([
      'FULL',
    ]);
  });

  it('never fails the request while no create of the app succeeds', async () => {
    answerCreates(1395001);
    await core.write(anIssue());
    await pass(24 * 60);
    expect(await approvalOf(core)).toMatchObject({
      state: 'REQUESTED',
      error: { code: 'FEISHU_UNAVAILABLE' },
    });
  });
});

/** Learns from a create that every limit of these tests accepts, such as the test card of the doctor. */
const sendTiny = (): Promise<void> =>
  core.work.forms.learn(core.simulator.app.appId, { level: 'FULL', wording: 'PLAIN', bytes: 100 }, [], {
    now: core.work.now(),
    created: true,
  });

describe('a uuid that is taken although no instance is found', () => {
  it('is replaced by a new one after a minute, with the same form', async () => {
    answerCreates(60012, 9);
    await core.write(anIssue());
    // A look right away does not count, because GET may lag.
    await core.run(ISSUE, {
      kind: 'DUE',
      issueId: ISSUE,
      approvalIds: [(await rounds())[0]?.approvalId ?? ''],
    });
    expect(await approvalOf(core)).toMatchObject({ state: 'REQUESTED', generation: 1 });
    await pass(2);
    const all = await rounds();
    expect(all).toHaveLength(2);
    expect(all[0]).toMatchObject({ state: 'WITHDRAWN', closeReason: 'RESENT', settle: { what: 'UNKNOWN' } });
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2, form: 'FULL' });
    expect(core.pending(ASSIGNEE)).toHaveLength(1);
    await approve(core);
  });

  it('does not lead to a new round every minute if Feishu says so of every uuid', async () => {
    answerCreates(60012);
    await core.write(anIssue());
    await pass(60);
    expect((await rounds()).length).toBeLessThanOrEqual(4);
    expect(await approvalOf(core)).toMatchObject({
      state: 'REQUESTED',
      error: { code: 'FEISHU_UNAVAILABLE' },
    });
    control().behave();
    await pass(60);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING' });
  });
});
