import { beforeEach, describe, expect, it } from 'vitest';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { anArrival, anArrivalHint, STREAM } from '../../support/arrival-hint.ts';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { anOaStep } from '../../support/round.ts';
import { advanceAndSweep } from '../../support/sweep-over-time.ts';
import { useCore } from '../../support/use-core.ts';

const theCore = useCore();
let core: Core;
beforeEach(() => {
  core = theCore();
});

const stages = [aStage({ stageId: 'A' }), aStage({ stageId: 'B', tasks: [aTask({ taskId: 'b' })] })];
const atA = anIssue({ stages, currentStageId: 'A' });
const bell = (seq: number) => ({ seq, rungBy: 'creator@example.com', rungAt: '2026-03-01T09:00:00Z' });

const arrives = (stageId: string, number: number, bellSeq = 0): Hint =>
  anArrivalHint(ISSUE, anArrival(stageId, number, bellSeq));
const runAll = (...hints: Hint[]) =>
  hints.reduce<Promise<unknown>>(
    (before, hint) => before.then(() => core.run(ISSUE, hint)),
    Promise.resolve(),
  );
const approval = async (stageId = 'A') => (await core.record(ISSUE)).stageApprovals?.[stageId];
const hold = async () => (await core.record(ISSUE)).approvalHold;

/** Moves the issue to a stage, as Frabit does, without a reconcile. */
const goTo = async (stageId: string, changes: object = {}) =>
  core.put({ ...(await core.record(ISSUE)), currentStageId: stageId, ...changes });

async function reject() {
  const card = core.card();
  core.simulator.control.reject(card.instanceCode, ASSIGNEE, 'Not now.');
  await core.receiveEvent(card, 'REJECTED');
}

describe('an issue that goes from stage A to B and back before the worker runs', () => {
  it.each<[string, Hint[]]>([
    ['both hints arrive', [arrives('B', 1000), arrives('A', 1001)]],
    ['the hint of B is lost', [arrives('A', 1001)]],
    ['the hint of A is lost', [arrives('B', 1000)]],
    ['the hints arrive in the other order', [arrives('A', 1001), arrives('B', 1000)]],
    [
      'the hints arrive twice',
      [arrives('B', 1000), arrives('A', 1001), arrives('B', 1000), arrives('A', 1001)],
    ],
  ])(
    'is asked at A again, once, although A was rejected before: %s (docs/lessons.md 40)',
    async (_name, hints) => {
      await core.put(atA);
      await runAll(arrives('A', 999));
      await reject();
      expect(await approval()).toMatchObject({ state: 'REJECTED', generation: 1 });

      await goTo('B');
      await goTo('A');
      await runAll(...hints);

      expect(await approval()).toMatchObject({ state: 'PENDING', generation: 2, triggers: ['NEW_STAGE'] });
      expect(core.pending()).toHaveLength(1);
      expect(core.simulator.control.instances()).toHaveLength(2);
    },
  );

  it('keeps its open card, and a rejection of that card is final (docs/lessons.md 40)', async () => {
    await core.put(atA);
    await runAll(arrives('A', 999));
    await goTo('B');
    await goTo('A');
    await runAll(arrives('B', 1000), arrives('A', 1001));
    expect(core.simulator.control.instances()).toHaveLength(1);

    await reject();
    await core.run(ISSUE);
    await advanceAndSweep(core, core.documents, 60 * 60_000);

    expect(await approval()).toMatchObject({ state: 'REJECTED', generation: 1 });
    expect(core.simulator.control.instances()).toHaveLength(1);
  });

  it.each<[string, (code: string) => void, string]>([
    ['CANCELED', (code) => core.simulator.control.withdraw(code), 'CANCELED'],
    ['DELETED', (code) => core.simulator.control.deleteInstance(code), 'DELETED'],
    ['EXPIRED', (code) => core.simulator.control.overtimeClose(code), 'OVERTIME_CLOSE'],
    ['FAILED', (code) => core.simulator.control.autoPass(code), 'APPROVED'],
  ])('is not asked again when its open card ends as %s (docs/lessons.md 40)', async (state, end, status) => {
    await core.put(atA);
    await runAll(arrives('A', 999));
    const card = core.card();
    await goTo('B');
    await goTo('A');
    await runAll(arrives('B', 1000), arrives('A', 1001));

    end(card.instanceCode);
    await core.receiveEvent(card, status);
    await core.run(ISSUE);

    expect(await approval()).toMatchObject({ state, generation: 1 });
    expect(core.pending()).toHaveLength(0);
  });

  it('waits for another ring in BELL_ONLY, and a ring made since counts (docs/lessons.md 40)', async () => {
    await core.put({ ...atA, approvalMode: 'BELL_ONLY' });
    await runAll(arrives('A', 999));
    await goTo('A', { bell: bell(1) });
    await core.run(ISSUE);
    await reject();

    await goTo('B', { bell: bell(2) });
    await goTo('A');
    await runAll(arrives('B', 1000, 2), arrives('A', 1001, 2));
    expect(await hold()).toBe('WAITING_FOR_BELL');

    await goTo('B');
    await goTo('A', { bell: bell(3) });
    await runAll(arrives('B', 1002, 2), arrives('A', 1003, 2));
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['NEW_STAGE', 'BELL'] });
  });
});

describe('a ring made at another stage before the issue returns and the worker runs', () => {
  const rings = (stageId: string, seq: number): Hint => ({
    kind: 'RECORD_CHANGED',
    issueId: ISSUE,
    triggers: ['BELL'],
    rang: { stageId, seq },
  });
  const edited: Hint = { kind: 'RECORD_CHANGED', issueId: ISSUE, triggers: ['STATEMENT_CHANGED'] };
  const due: Hint = { kind: 'DUE', issueId: ISSUE, approvalIds: [] };

  it.each<[string, Hint[]]>([
    ['an edit', [edited, arrives('B', 1000), rings('B', 1), arrives('A', 1001, 1)]],
    ['the sweep', [due, arrives('B', 1000), rings('B', 1), arrives('A', 1001, 1)]],
    ['the ring', [rings('B', 1), arrives('B', 1000), arrives('A', 1001, 1)]],
  ])('does not count at this stage, whichever hint arrives first: %s', async (_name, hints) => {
    await core.put({ ...atA, approvalMode: 'BELL_ONLY' });
    await runAll(arrives('A', 999));

    await goTo('B', { bell: { ...bell(1), rungAt: core.clock.date().toISOString() } });
    await goTo('A');
    await runAll(...hints);

    expect(await hold()).toBe('WAITING_FOR_BELL');
    expect(core.simulator.control.instances()).toHaveLength(0);
    // A ring made at this stage counts.
    await goTo('A', { bell: { ...bell(2), rungAt: core.clock.date().toISOString() } });
    await runAll(rings('A', 2));
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['NEW_STAGE', 'BELL'] });
  });

  it('counts at the present stage if its hint does not arrive within ten minutes', async () => {
    await core.put({ ...atA, approvalMode: 'BELL_ONLY' });
    await runAll(arrives('A', 999));
    await goTo('A', { bell: { ...bell(1), rungAt: core.clock.date().toISOString() } });

    await core.run(ISSUE, due);
    expect(await hold()).toBe('WAITING_FOR_BELL');

    await advanceAndSweep(core, core.documents, 20 * 60_000);
    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['NEW_STAGE', 'BELL'] });
  });
});

describe('a late hint', () => {
  it('from the dead letters does not make an old ring count (docs/lessons.md 41)', async () => {
    await core.put({ ...atA, approvalMode: 'BELL_ONLY' });
    await runAll(arrives('A', 1, 0));
    await goTo('B', { bell: bell(1) });
    await runAll(arrives('B', 2, 0));
    await goTo('A', { bell: bell(2) });
    // The bell was rung once more at B before the issue returned. That is not a ring at A.
    await runAll(arrives('A', 10, 2));
    const before = (await core.work.store.read(ISSUE)).memory;

    await core.clock.advance(5 * 24 * 60 * 60_000);
    await runAll(arrives('A', 9, 0), arrives('B', 2, 0), arrives('A', 1, 0));

    expect(await hold()).toBe('WAITING_FOR_BELL');
    expect(core.simulator.control.instances()).toHaveLength(1);
    expect((await core.work.store.read(ISSUE)).memory).toEqual(before);
  });

  it('is not a new arrival: a later rejection stays (docs/lessons.md 41)', async () => {
    await core.put(atA);
    await runAll(arrives('A', 10));
    await reject();

    await runAll(arrives('A', 9), arrives('B', 8), arrives('A', 10));

    expect(await approval()).toMatchObject({ state: 'REJECTED', generation: 1 });
    expect(core.simulator.control.instances()).toHaveLength(1);
  });

  it('still leads to a reconcile with the present record (docs/lessons.md 41)', async () => {
    await core.put(atA);
    await runAll(arrives('A', 10));
    await goTo('B');

    await runAll(arrives('A', 9));

    expect(await approval('A')).toMatchObject({ state: 'WITHDRAWN', closeReason: 'STAGE_LEFT' });
    expect(await approval('B')).toMatchObject({ state: 'PENDING' });
  });

  it('of the previous version has no number and says nothing about rings (docs/lessons.md 41)', async () => {
    const arrived = { stageId: 'A', bellSeq: 0 };
    await core.put({ ...atA, approvalMode: 'BELL_ONLY', bell: bell(1) });
    await runAll(anArrivalHint(ISSUE, arrived));
    expect(await hold()).toBe('WAITING_FOR_BELL');

    await runAll(arrives('A', 10, 1), anArrivalHint(ISSUE, arrived));

    expect(await hold()).toBe('WAITING_FOR_BELL');
    expect((await core.work.store.read(ISSUE)).memory).toMatchObject({
      bellSeq: 1,
      arrival: 1,
      highest: { [STREAM]: '10' },
    });
  });

  it('that is the first one of an arrival seen by the sweep carries the bell of the arrival', async () => {
    await core.put({ ...atA, approvalMode: 'BELL_ONLY', bell: bell(1) });
    await advanceAndSweep(core, core.documents, 60_000);
    expect(await hold()).toBe('WAITING_FOR_BELL');

    await runAll(arrives('A', 10, 0));

    expect(await approval()).toMatchObject({ state: 'PENDING', triggers: ['NEW_STAGE', 'BELL'] });
  });
});

describe('an event from a system that was not asked', () => {
  const calls = () =>
    structuredClone({ feishu: core.simulator.control.calls(), oa: core.oa.control.calls() });

  /** A hint as the previous version sent it: without the node of the event. */
  const ofPreviousVersion = (approvalId: string): Hint => ({
    kind: 'EXTERNAL_EVENT',
    issueId: ISSUE,
    approvalId,
    eventId: 'before',
  });

  it('leads to a look if the previous version sent its hint and an OA was asked', async () => {
    await core.write({ ...atA, approvalFlow: { steps: [anOaStep()] } });
    const before = calls();

    await core.run(ISSUE, ofPreviousVersion((await core.rounds(ISSUE))[0]?.approvalId ?? ''));

    expect(calls().oa).not.toEqual(before.oa);
  });

  it('costs no call if it is of an OA and about a card of Feishu (docs/lessons.md 42)', async () => {
    await core.write(atA);
    const { uuid } = core.card();
    const before = calls();

    await core.receiveOaEvent(uuid ?? '');
    await core.run(ISSUE, ofPreviousVersion(uuid ?? ''));

    expect(calls()).toEqual(before);
  });

  it('costs no call if it is about a closed round whose card is still open in Feishu (docs/lessons.md 42)', async () => {
    await core.write(atA);
    const { uuid } = core.card();
    core.simulator.control.misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'cancelInstance',
      times: 9,
      code: 1390009,
      status: 400,
    });
    await core.edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
    });
    expect((await core.rounds(ISSUE))[0]).toMatchObject({ state: 'WITHDRAWN', settle: { what: 'OPEN' } });
    const before = calls();

    await core.receiveOaEvent(uuid ?? '');

    expect(calls()).toEqual(before);
  });

  it.each(['another node', 'Feishu'])(
    'costs no call if it is of %s and about an approval of an OA (docs/lessons.md 42)',
    async (who) => {
      await core.write({ ...atA, approvalFlow: { steps: [anOaStep()] } });
      const approvalId = (await core.rounds(ISSUE))[0]?.approvalId ?? '';
      const before = calls();

      if (who === 'Feishu') await core.receiveEvent({ uuid: approvalId, instanceCode: 'X' }, 'APPROVED');
      else await core.receiveOaEvent(approvalId, 'other');

      expect(calls()).toEqual(before);
      await core.receiveOaEvent(approvalId);
      expect(calls().oa).not.toEqual(before.oa);
    },
  );
});
