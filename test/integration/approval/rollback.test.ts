import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { roundKey } from '../../../shared/approval/keys.ts';
import { type Round, roundSchema } from '../../../shared/approval/round.ts';
import { sweep } from '../../../shared/approval/sweep.ts';
import { SCHEMA } from '../../../shared/runtime/stored.ts';
import { FEISHU_SETTINGS_KEY } from '../../../shared/settings/settings-store.ts';
import { ASSIGNEE, ISSUE } from '../../support/core.ts';
import { decideAt, withFlow } from '../../support/external.ts';
import { FROZEN } from '../../support/frozen/schemas-1.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { UNKNOWN_ROUNDS } from '../../support/newer.ts';
import { anOaStep, aRound } from '../../support/round.ts';
import { NEWER, withNewerMembers } from '../../support/stored-schemas.ts';
import { useCore } from '../../support/use-core.ts';

/** LESSONS row 51 through the whole core. */

const core = useCore();

const read = async (key: { pk: string; sk: string }) => {
  const TableName = core().tables.approvalTableName;
  const { Item } = await core().documents.send(new GetCommand({ TableName, Key: key, ConsistentRead: true }));
  return Item ?? {};
};
const keep = async (Item: object) => {
  const TableName = core().tables.approvalTableName;
  await core().documents.send(new PutCommand({ TableName, Item: { ...Item } }));
};
const allItems = async () => {
  const TableName = core().tables.approvalTableName;
  const { Items = [] } = await core().documents.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Items;
};
const sweepOnce = () =>
  sweep({ ...core(), queue: core().work.queue, now: core().clock.date, documents: core().documents });
const leftAlone = () => core().notes.filter((note) => JSON.stringify(note).includes('left alone'));

describe.each(UNKNOWN_ROUNDS)('LESSONS row 51: an issue with a round of an unknown %s', (_, changes) => {
  const stages = [
    aStage({ stageId: 'before', title: 'Test', tasks: [aTask({ taskId: 'first' })] }),
    aStage({ stageId: 'stage-2', tasks: [aTask({ taskId: 'second' })] }),
  ];

  it('has its other stage asked for and approved; that round and its entry stay as they are', async () => {
    const round = aRound({ subject: { kind: 'STAGE', id: 'before' } });
    const stands = { ...round, ...changes, ...NEWER, schema: 7, ...roundKey(round), due: 'DUE' };
    await keep(stands);
    const entry = { before: { state: 'AS_IT_WAS' } };
    await core().write({
      ...anIssue({ stages, currentStageId: 'stage-2' }),
      ...{ stageApprovals: entry },
    });
    expect(core().pending()).toHaveLength(1);
    expect(leftAlone()).toEqual([
      {
        happening: 'round of a newer version left alone',
        issueId: ISSUE,
        approvalId: round.approvalId,
        unknown: expect.any(String),
      },
    ]);

    const card = core().card();
    core().simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core().hear(card, 'APPROVED');
    const { stageApprovals, stages: after } = await core().record(ISSUE);
    expect(stageApprovals).toMatchObject({ ...entry, 'stage-2': { state: 'APPROVED' } });
    expect(after.map(({ tasks }) => tasks[0]?.status)).toEqual(['PENDING_APPROVAL', 'PENDING']);
    expect(await read(roundKey(round))).toEqual(stands);
  });

  it('waits at that stage, and goes on once the newer version has made the round one that is known', async () => {
    await core().write(anIssue());
    const [round] = await core().rounds(ISSUE);
    if (!round) throw new Error('a round was opened');
    const card = core().card();
    await keep({ ...(await read(roundKey(round))), ...changes });
    await core().edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ statement: 'DROP TABLE orders' })] })];
    });
    core().simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core().hear(card, 'APPROVED');
    core().clock.advance(60 * 60_000);
    await sweepOnce();
    const { stageApprovals, stages: now } = await core().record(ISSUE);
    expect([stageApprovals?.['stage-1']?.state, now[0]?.tasks[0]?.status]).toEqual([
      'PENDING',
      'PENDING_APPROVAL',
    ]);

    const { state, channel, content } = round;
    await keep({ ...(await read(roundKey(round))), state, channel, content });
    await core().run(ISSUE);
    const rounds = await core().rounds(ISSUE);
    expect(rounds.map((one) => [one.state, one.decisions.map(({ applied }) => applied)])).toEqual([
      ['WITHDRAWN', [false]],
      ['PENDING', []],
    ]);
  });
});

describe('LESSONS row 51: a round that a newer version has written to', () => {
  it('is decided, and keeps all of it, which does not show on the record', async () => {
    await core().write(anIssue());
    const [round] = await core().rounds(ISSUE);
    if (!round) throw new Error('a round was opened');
    const newer = Object(withNewerMembers(roundSchema, round));
    await keep({ ...newer, schema: SCHEMA + 6, ...roundKey(round), due: 'DUE' });
    const card = core().card();
    core().simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core().hear(card, 'APPROVED');
    const after = await read(roundKey(round));
    expect(after).toMatchObject({
      state: 'APPROVED',
      schema: SCHEMA + 6,
      ...NEWER,
      subject: NEWER,
      requester: NEWER,
      approvers: [NEWER],
      forms: [NEWER],
      reminders: NEWER,
      slots: NEWER,
    });
    expect(JSON.stringify(await core().record(ISSUE))).not.toContain('fromANewerVersion');
  });
});

describe('LESSONS row 51: settings for an unknown platform', () => {
  it('send nothing anywhere, and what waits is sent once the version that knows it is back', async () => {
    await keep({ ...FEISHU_SETTINGS_KEY, ...core().settings, domain: 'NEWER' });
    core().simulator.control.resetCalls();
    await core().write(anIssue());
    const { stageApprovals } = await core().record(ISSUE);
    expect(stageApprovals?.['stage-1']).toMatchObject({
      state: 'REQUESTED',
      error: { code: 'FEISHU_SETUP' },
    });
    expect(core().simulator.control.calls().calls).toEqual({});

    const [round] = await core().rounds(ISSUE);
    if (!round) throw new Error('a round was opened');
    await keep({ ...(await read(roundKey(round))), domain: 'feishu' });
    await core().saveSettings(core().settings);
    await core().run(ISSUE, { kind: 'DUE', issueId: ISSUE, approvalIds: [round.approvalId], resync: true });
    expect(core().pending()).toHaveLength(1);
  });
});

describe('LESSONS row 51: what this version writes', () => {
  it('has a schema version in every item, and the frozen schemas read all of it', async () => {
    await core().write(withFlow({}, [anOaStep()]));
    await decideAt(core(), 'approve');
    const card = core().card();
    core().simulator.control.reject(card.instanceCode, ASSIGNEE);
    await core().hear(card, 'REJECTED');
    await sweepOnce();
    const items = await allItems();
    // Those two are put by the test itself.
    const written = items.filter(({ pk }) => pk !== 'SETTINGS' && pk !== 'NODES');
    expect(written.filter(({ schema }) => schema !== SCHEMA)).toEqual([]);
    expect(new Set(written.map(({ pk }) => String(pk).replace(/#.*/, '')))).toEqual(
      new Set(['ISSUE', 'APPROVAL', 'INSTANCE', 'SHOWN', 'PACE', 'FORMS', 'SWEEP']),
    );

    const rounds: Round[] = await core().rounds(ISSUE);
    for (const round of rounds) {
      expect(frozen('roundSchema').parse(round)).toEqual(round);
      const request = await core().work.store.readRequest(round.approvalId);
      expect(frozen('sentRequestSchema').parse(request)).toEqual(request);
    }
    for (const { pk, memory, ledger } of items) {
      if (memory) expect(frozen('formMemorySchema').parse(memory)).toEqual(memory);
      if (ledger) expect(frozen('ledgerSchema').parse(ledger)).toEqual(ledger);
      expect(typeof pk).toBe('string');
    }
    const { memory } = await core().work.store.read(ISSUE);
    expect(frozen('issueMemorySchema').parse(memory)).toEqual(memory);
  });
});

function frozen(name: string): z.ZodType {
  const schema = FROZEN[name];
  if (!schema) throw new Error(`no frozen copy of ${name}`);
  return schema;
}
