import { beforeEach, describe, expect, it } from 'vitest';
import { createDynamoFormMemories } from '../../../shared/approval/channels/feishu/form-memory-store.ts';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { aLargeIssue, firstLineOn, textOn } from '../../support/large-stage.ts';
import { approvalOf, approve } from '../../support/stage-approval.ts';
import { sweepEachMinute } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

/** The core finds the form of a card by trying (ADR 13). */

const database = useDatabase();
let core: Core;
beforeEach(async () => {
  core = await aCore(database());
  return () => core.close();
});

const control = () => core.simulator.control;
const creates = () => control().calls().calls.createInstance ?? 0;
const refusedCreates = () => control().calls().refused.createInstance ?? 0;
const lastRound = async (): Promise<Round> => {
  const round = (await core.rounds(ISSUE)).at(-1);
  if (!round) throw new Error('a round was opened');
  return round;
};
const formsOf = ({ forms }: Round): string[] =>
  forms.map(({ level, wording, refusal }) => `${level} ${wording}${refusal === undefined ? '' : ' refused'}`);
const memory = () =>
  createDynamoFormMemories(database().documents, core.tables.approvalTableName).read(
    core.simulator.app.appId,
    core.clock.date(),
  );
const tap = async () => {
  const card = core.card();
  control().approve(card.instanceCode, ASSIGNEE);
  await core.receiveEvent(card, 'APPROVED');
};

describe('docs/lessons.md 50: a stage whose full card is refused', () => {
  it.each([1390001, 60001, 60006, 40001, 99992353, 99992402, 'HTTP_413'] as const)(
    'is sent in a shorter form that says so, with the same uuid, after %s',
    async (answer) => {
      control().setCreateLimit({ bytes: 60_000, answer });
      await core.write(aLargeIssue(100));

      expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1, form: 'COMPACT' });
      expect(formsOf(await lastRound())).toEqual(['FULL KEYS refused', 'FULL PLAIN refused', 'COMPACT KEYS']);
      expect(core.card().uuid).toBe((await lastRound()).approvalId);
      expect(firstLineOn(core)).toMatch(/⚠ \d+ of 100 statements are not, or not wholly, on this card/);
      expect(firstLineOn(core)).toContain('https://frabit.example.com/issues/1');
      expect(textOn(core)).toContain('Form of this card: compact');

      await tap();
      const record = await core.record(ISSUE);
      expect(record.stageApprovals?.['stage-1']).toMatchObject({ state: 'APPROVED', form: 'COMPACT' });
      expect(new Set(record.stages[0]?.tasks.map(({ status }) => status))).toEqual(new Set(['PENDING']));
    },
  );

  it('is sent and approved with 200 tasks and a limit of 60 kB', async () => {
    control().setCreateLimit({ bytes: 60_000, answer: 60006 });
    await core.write(aLargeIssue(200));
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'COMPACT' });
    for (const n of [1, 100, 200]) expect(textOn(core)).toContain(`Backfill shard ${n}`);
    await tap();
    const { approvedTasks } = await core.record(ISSUE);
    expect(Object.keys(approvedTasks?.['stage-1'] ?? {})).toHaveLength(200);
  });

  it('is sent without SQL if Feishu accepts nothing larger', async () => {
    control().setCreateLimit({ bytes: 20_000, answer: 60006 });
    await core.write(aLargeIssue(30));
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'MINIMAL' });
    expect(firstLineOn(core)).toContain('30 of 30 statements');
    expect(textOn(core)).not.toContain('UPDATE orders');
    expect(textOn(core)).toContain('shop_030');
  });

  it('fails only after every form was refused, and says what to do', async () => {
    control().setCreateLimit({ bytes: 500, answer: 60006 });
    await core.write(aLargeIssue(100));
    expect(await approvalOf(core)).toMatchObject({ state: 'FAILED', error: { code: 'FEISHU_REFUSED' } });
    expect((await approvalOf(core))?.form).toBeUndefined();
    expect((await lastRound()).forms.map(({ level }) => level)).toEqual([
      'FULL',
      'FULL',
      'COMPACT',
      'COMPACT',
      'MINIMAL',
      'MINIMAL',
    ]);
    expect((await lastRound()).settle).toBeUndefined();
    expect(creates()).toBe(6);
  });

  it('is sent in full if Feishu accepts that, and says so', async () => {
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'FULL' });
    expect(firstLineOn(core)).toBe('Orders get a note');
    expect(textOn(core)).toContain('Form of this card: full');
    expect(creates()).toBe(1);
  });
});

describe('a tenant that refuses i18n keys as values', () => {
  beforeEach(() => control().setKeysRefused(true));

  it('gets the whole card with both languages in one text before anything is left out', async () => {
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'FULL' });
    expect(formsOf(await lastRound())).toEqual(['FULL KEYS refused', 'FULL PLAIN']);
    expect(textOn(core, 'zh-CN')).toBe(textOn(core, 'en-US'));
    expect(textOn(core)).toContain('ALTER TABLE orders ADD COLUMN note TEXT');
    await approve(core);
  });

  it('is remembered: the next card is sent in plain text at once', async () => {
    await core.write(anIssue());
    await tap();
    control().resetCalls();
    await core.write(anIssue({ issueId: 'issue-2', title: 'Orders get a note again' }));
    expect(refusedCreates()).toBe(0);
    expect((await core.rounds('issue-2')).flatMap(formsOf)).toEqual(['FULL PLAIN']);
  });

  it('gets a compact card if the full one is also too large', async () => {
    control().setCreateLimit({ bytes: 60_000, answer: 1390001 });
    await core.write(aLargeIssue(100));
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', form: 'COMPACT' });
    expect((await lastRound()).forms.at(-1)?.wording).toBe('PLAIN');
    await tap();
    expect(await approvalOf(core)).toMatchObject({ state: 'APPROVED' });
  });
});

describe('what was learnt about an app', () => {
  it('sends the next large card in an accepted form, and shortens no small one', async () => {
    control().setCreateLimit({ bytes: 60_000, answer: 1390001 });
    await core.write(aLargeIssue(100));
    control().resetCalls();

    await core.write(aLargeIssue(100, { issueId: 'issue-2' }));
    await core.write(anIssue({ issueId: 'issue-3' }));
    expect(refusedCreates()).toBe(0);
    expect((await core.rounds('issue-2')).flatMap(formsOf)).toEqual(['COMPACT KEYS']);
    expect((await core.rounds('issue-3')).flatMap(formsOf)).toEqual(['FULL KEYS']);
  });

  it('is forgotten after a week', async () => {
    control().setCreateLimit({ bytes: 60_000, answer: 1390001 });
    await core.write(aLargeIssue(100));
    control().setCreateLimit(undefined);
    await core.clock.advance(7 * 24 * 60 * 60_000);
    await core.write(aLargeIssue(100, { issueId: 'issue-2' }));
    expect((await core.rounds('issue-2')).flatMap(formsOf)).toEqual(['FULL KEYS']);
  });

  it('is nothing while no form of the request was accepted: the refusal may have any reason', async () => {
    control().misbehave({ kind: 'ERROR_CODE', endpoint: 'createInstance', code: 1390001, status: 400 });
    await core.write(aLargeIssue(100));
    expect(await approvalOf(core)).toMatchObject({ state: 'FAILED' });
    expect(await memory()).toEqual({ KEYS: {}, PLAIN: {} });
  });
});

describe('every form of a round', () => {
  it('is stored, and made from the record as it was when the first form was sent', async () => {
    let titles = 0;
    core.simulator.control.setCreateLimit({ bytes: 60_000, answer: 1390001 });
    const { compose, save } = { compose: core.work.store.readRequest, save: core.work.store.save };
    // Frabit renames the issue at the moment when the first form is refused. The content hash stays the same.
    core.work.store.save = async (before, after, request) => {
      const saved = await save(before, after, request);
      if (request === undefined && after.forms.at(-1)?.refusal !== undefined && titles++ === 0) {
        await core.put({ ...(await core.record(ISSUE)), title: 'Renamed meanwhile' });
      }
      return saved;
    };
    await core.write(aLargeIssue(100));
    core.work.store.save = save;

    expect((await core.record(ISSUE)).title).toBe('Renamed meanwhile');
    const sent = await compose((await lastRound()).approvalId);
    expect(sent && 'earlier' in sent && sent.earlier?.length).toBe(2);
    expect(JSON.stringify(sent)).not.toContain('Renamed meanwhile');
    expect(textOn(core)).toContain('Orders get a note');
    expect(textOn(core)).not.toContain('Renamed meanwhile');
  });

  it('gets a new uuid after an unanswered create, and the old uuid is looked for', async () => {
    control().misbehave({ kind: 'COMMIT_LATE', endpoint: 'createInstance', times: 1, ms: 5 * 60_000 });
    control().setCreateLimit({ bytes: 60_000, answer: 1390001 });
    await core.write(aLargeIssue(100));
    const rounds = await core.rounds(ISSUE);
    expect(rounds[0]).toMatchObject({
      state: 'WITHDRAWN',
      closeReason: 'RESENT',
      settle: { what: 'UNKNOWN', tries: 0 },
    });
    expect(rounds[1]).toMatchObject({ triggers: ['NEW_STAGE'], generation: 2, state: 'PENDING' });
    expect(new Set(rounds.map(({ approvalId }) => approvalId)).size).toBe(2);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2, form: 'COMPACT' });

    // Feishu refuses the lost create late as well. Nothing is left of it, and the search for it ends.
    await sweepEachMinute(core, database().documents, 90);
    expect((await core.rounds(ISSUE))[0]?.settle).toBeUndefined();
    expect(core.pending()).toHaveLength(1);
  });

  it('is withdrawn if its create is carried out late, after another form was sent', async () => {
    // The first create is carried out two minutes later, and the one sent meanwhile is refused.
    control().misbehave({ kind: 'COMMIT_LATE', endpoint: 'createInstance', times: 1, ms: 2 * 60_000 });
    control().misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'createInstance',
      times: 1,
      code: 1390001,
      status: 400,
    });
    await core.write(anIssue());
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 2 });
    await sweepEachMinute(core, database().documents, 15);
    expect(core.pending()).toHaveLength(1);
    expect(core.card().uuid).toBe((await lastRound()).approvalId);
    await approve(core);
  });

  it('shows the changes since the previous request, also with a new uuid', async () => {
    await core.write(anIssue());
    control().misbehave({ kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 1 });
    control().misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'createInstance',
      times: 1,
      code: 1390001,
      status: 400,
    });
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ statement: 'ALTER TABLE orders ADD COLUMN remark TEXT' })] })];
    });
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 3 });
    expect(textOn(core)).toContain('- ALTER TABLE orders ADD COLUMN note TEXT');
  });

  it('shows the changes since what the approver saw, not since what Feishu refused', async () => {
    await core.write(anIssue());
    // Feishu refuses every form, so nobody sees it.
    control().misbehave({ kind: 'ERROR_CODE', endpoint: 'createInstance', code: 1390001, status: 400 });
    const added = aTask({ taskId: 'task-2', title: 'Added unseen', statement: 'DROP TABLE users' });
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask(), added] })];
    });
    control().behave();
    await core.edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ statement: 'SELECT 2' }), added] })];
    });
    expect(textOn(core)).toContain('Added: task 2');
  });

  it('keeps the same uuid after a rate limit, because that is an answer', async () => {
    control().setKeysRefused(true);
    control().misbehave({ kind: 'RATE_LIMITED', endpoint: 'createInstance', times: 1, resetSeconds: 30 });
    await core.write(anIssue());
    expect((await lastRound()).forms).toMatchObject([{ level: 'FULL', wording: 'KEYS', unsent: true }]);
    await sweepEachMinute(core, database().documents, 2);
    expect(await approvalOf(core)).toMatchObject({ state: 'PENDING', generation: 1 });
    expect(formsOf(await lastRound())).toEqual(['FULL KEYS refused', 'FULL PLAIN']);
  });

  it('needs a slot of its own, so that several forms stay within the rate limit', async () => {
    control().setCreateLimit({ bytes: 60_000, answer: 1390001 });
    const reserved: string[] = [];
    const { reserve } = core.work.pacer;
    core.work.pacer.reserve = (owner, api, ...rest) => {
      reserved.push(api);
      return reserve(owner, api, ...rest);
    };
    await core.write(aLargeIssue(100));
    expect(reserved).toEqual(['create', 'create', 'create']);
  });
});
