import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { handleHint } from '../../../shared/approval/handle-hint.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { type Round, roundSchema } from '../../../shared/approval/plan/round.ts';
import { sweep } from '../../../shared/approval/sweep.ts';
import { SCHEMA } from '../../../shared/runtime/stored-items.ts';
import { roundKey, settingsKey } from '../../../shared/tables/approval-keys.ts';
import { ASSIGNEE, type Core, ISSUE } from '../../support/core.ts';
import { decideAtOa, withFlow } from '../../support/external-steps.ts';
import { FROZEN } from '../../support/frozen/schemas-1.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { UNKNOWN_ROUNDS } from '../../support/newer-version.ts';
import { anOaStep, aRound } from '../../support/round.ts';
import { NEWER, withNewerMembers } from '../../support/stored-schemas.ts';
import { advanceAndSweep } from '../../support/sweep-over-time.ts';
import { useCore } from '../../support/use-core.ts';
import { withChannels } from '../../support/with-channels.ts';

/** docs/lessons.md 51, tested with the whole core. */

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
const leftAlone = () => core().logged.filter((line) => JSON.stringify(line).includes('skipped a round'));

describe.each(UNKNOWN_ROUNDS)('docs/lessons.md 51: an issue with a round of an unknown %s', (_, changes) => {
  const stages = [
    aStage({ stageId: 'before', title: 'Test', tasks: [aTask({ taskId: 'first' })] }),
    aStage({ stageId: 'stage-2', tasks: [aTask({ taskId: 'second' })] }),
  ];

  it('gets its other stage approved, and that round and its entry stay unchanged', async () => {
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
        happening: 'skipped a round of a newer version',
        issueId: ISSUE,
        approvalId: round.approvalId,
        unknown: expect.any(String),
      },
    ]);

    const card = core().card();
    core().simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core().receiveEvent(card, 'APPROVED');
    const { stageApprovals, stages: after } = await core().record(ISSUE);
    expect(stageApprovals).toMatchObject({ ...entry, 'stage-2': { state: 'APPROVED' } });
    expect(after.map(({ tasks }) => tasks[0]?.status)).toEqual(['PENDING_APPROVAL', 'PENDING']);
    expect(await read(roundKey(round))).toEqual(stands);
  });

  it('waits at that stage, and continues once the newer version has changed the round to a known one', async () => {
    await core().write(anIssue());
    const [round] = await core().rounds(ISSUE);
    if (!round) throw new Error('a round was opened');
    const card = core().card();
    await keep({ ...(await read(roundKey(round))), ...changes });
    await core().edit(ISSUE, (issue) => {
      issue.stages = [aStage({ tasks: [aTask({ statement: 'DROP TABLE orders' })] })];
    });
    core().simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core().receiveEvent(card, 'APPROVED');
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

describe('docs/lessons.md 51: a round that a newer version has written to', () => {
  it('is decided and keeps the newer members, which do not appear on the record', async () => {
    await core().write(anIssue());
    const [round] = await core().rounds(ISSUE);
    if (!round) throw new Error('a round was opened');
    const newer = Object(withNewerMembers(roundSchema, round));
    await keep({ ...newer, schema: SCHEMA + 6, ...roundKey(round), due: 'DUE' });
    const card = core().card();
    core().simulator.control.approve(card.instanceCode, ASSIGNEE);
    await core().receiveEvent(card, 'APPROVED');
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

describe('docs/lessons.md 51: newer members of a round are kept when this version rebuilds', () => {
  /** Writes the rounds as a newer version would. */
  const writeNewer = async () => {
    for (const round of await core().rounds(ISSUE)) {
      const item = await read(roundKey(round));
      await keep({ ...item, ...Object(withNewerMembers(roundSchema, round)), ...roundKey(round) });
    }
  };
  const only = async () => {
    const [round] = await core().rounds(ISSUE);
    if (!round) throw new Error('there is a round');
    return round;
  };
  const due = async (): Promise<Hint> => ({
    kind: 'DUE',
    issueId: ISSUE,
    approvalIds: [(await only()).approvalId],
    resync: true,
  });
  const misbehave: Core['simulator']['control']['misbehave'] = (fault) =>
    core().simulator.control.misbehave(fault);

  it('its people and slots, after a failed send', async () => {
    misbehave({ kind: 'BAD_GATEWAY', endpoint: 'people', times: 3 });
    await core().write(anIssue());
    await writeNewer();
    misbehave({ kind: 'BAD_GATEWAY', endpoint: 'people', times: 3 });
    await core().run(ISSUE, await due());
    expect(await only()).toMatchObject({ state: 'REQUESTED', setbacks: 2, slots: NEWER });
    await core().run(ISSUE, await due());
    expect(await only()).toMatchObject({
      state: 'PENDING',
      approvers: [NEWER],
      requester: NEWER,
      slots: NEWER,
    });
  });

  it('its doubts', async () => {
    misbehave({ kind: 'ERROR_CODE', endpoint: 'createInstance', code: 1395001, status: 200 });
    await core().write(anIssue());
    const { doubts } = await only();
    await writeNewer();
    await core().run(ISSUE, await due());
    expect((await only()).doubts).toMatchObject({
      since: doubts?.since,
      tries: expect.any(Number),
      ...NEWER,
    });
    expect((await only()).doubts?.tries).toBeGreaterThan(doubts?.tries ?? 0);
  });

  it('its reminders', async () => {
    await core().saveSettings({ ...core().settings, reminderHours: 1 });
    await core().write(anIssue());
    await writeNewer();
    await advanceAndSweep(core(), core().documents, 2 * 60 * 60_000);
    await core().run(ISSUE, await due());
    expect((await only()).reminders).toMatchObject({ sent: 1, from: expect.any(String), ...NEWER });
  });

  it('the leftover to be closed', async () => {
    await core().write(anIssue());
    misbehave({ kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390001, status: 400 });
    await core().edit(ISSUE, (issue) => {
      issue.status = 'CANCELED';
    });
    const { settle } = await only();
    await writeNewer();
    await core().clock.advance(60 * 60_000);
    await core().run(ISSUE, await due());
    expect((await only()).settle).toMatchObject({ what: 'OPEN', tries: (settle?.tries ?? 0) + 1, ...NEWER });
  });

  it('the stored request, when another form follows', async () => {
    misbehave({ kind: 'ERROR_CODE', endpoint: 'createInstance', code: 1390001, status: 400, times: 1 });
    const { store } = core().work;
    const readRequest: typeof store.readRequest = async (approvalId) => {
      const request = await store.readRequest(approvalId);
      return request && { ...request, ...NEWER };
    };
    const work = withChannels({ ...core().work, store: { ...store, readRequest } });
    await core().put(anIssue());
    await handleHint({ kind: 'RECORD_CHANGED', issueId: ISSUE, triggers: [] }, work);
    const round = await only();
    expect(round.forms.map(({ wording }) => wording)).toEqual(['KEYS', 'PLAIN']);
    expect(await store.readRequest(round.approvalId)).toMatchObject({ ...NEWER, earlier: [{}] });
  });

  it('its forms, when one is refused', async () => {
    misbehave({ kind: 'BAD_GATEWAY', endpoint: 'createInstance', times: 3 });
    await core().write(anIssue());
    await writeNewer();
    misbehave({ kind: 'ERROR_CODE', endpoint: 'createInstance', code: 1390001, status: 400, times: 1 });
    await core().run(ISSUE, await due());
    const all = await core().rounds(ISSUE);
    expect(all.flatMap(({ forms }) => forms)).toContainEqual(
      expect.objectContaining({ wording: 'KEYS', refusal: expect.any(String), ...NEWER }),
    );
  });

  it('the issue memory, when the issue arrives at another stage', async () => {
    const stages = [aStage(), aStage({ stageId: 'stage-2' })];
    await core().write(anIssue({ stages }));
    const { pk } = roundKey(await only());
    await keep({ ...(await read({ pk, sk: 'ISSUE' })), ...NEWER, absent: true });
    await core().write(anIssue({ stages, currentStageId: 'stage-2' }));
    const memory = await read({ pk, sk: 'ISSUE' });
    expect(memory).toMatchObject({ stageId: 'stage-2', arrival: 2, ...NEWER });
    expect(memory).not.toHaveProperty('absent');
  });
});

describe('docs/lessons.md 51: settings for an unknown platform', () => {
  it('make no call, and the waiting request is sent once the newer version is back', async () => {
    await keep({ ...settingsKey, ...core().settings, domain: 'NEWER' });
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

describe('docs/lessons.md 51: what this version writes', () => {
  it('has a schema version in every item, and the frozen schemas can read it', async () => {
    await core().write(withFlow({}, [anOaStep()]));
    await decideAtOa(core(), 'approve');
    const card = core().card();
    core().simulator.control.reject(card.instanceCode, ASSIGNEE);
    await core().receiveEvent(card, 'REJECTED');
    await sweepOnce();
    const items = await allItems();
    // The test itself puts these two items.
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
