import { DeleteCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RetentionDays } from '../../../shared/approval/plan/issue-memory.ts';
import { ASSIGNEE, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { useCore } from '../../support/use-core.ts';

/** ADR 22. */

const core = useCore();
const DAY_MS = 24 * 60 * 60_000;
/** The kinds of items of one round that was sent. */
const ROUND = ['APPROVAL', 'INSTANCE', 'ISSUE STAGE'];

beforeEach(() => keepFor({ roundDays: 90, shownDays: 30 }));

function keepFor(days: RetentionDays): void {
  core().work.retention = days;
}

async function items(): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  const { documents, tables } = core();
  const pages = paginateScan(
    { client: documents },
    { TableName: tables.approvalTableName, ConsistentRead: true },
  );
  for await (const { Items = [] } of pages) all.push(...Items);
  return all;
}

/** Returns the kinds of the items that expire, each with the days from now after which it does. */
async function expiring(): Promise<Record<string, number>> {
  const marked = (await items()).filter(({ expiresAt }) => expiresAt !== undefined);
  const entries = marked.map(({ pk, sk, expiresAt }) => {
    const [kind, part] = [String(pk).split('#')[0] ?? '', String(sk).split('#')[0]];
    const days = (Number(expiresAt) * 1_000 - core().clock.now()) / DAY_MS;
    return [kind === 'ISSUE' ? `ISSUE ${part}` : kind, Math.round(days)] as const;
  });
  return Object.fromEntries(entries.toSorted());
}

/** Deletes what has expired, as DynamoDB does. */
async function deleteExpired(): Promise<void> {
  const { documents, tables, clock } = core();
  for (const { pk, sk, expiresAt } of await items()) {
    if (typeof expiresAt !== 'number' || expiresAt * 1_000 > clock.now()) continue;
    await documents.send(new DeleteCommand({ TableName: tables.approvalTableName, Key: { pk, sk } }));
  }
}

async function approve(): Promise<void> {
  const card = core().card();
  core().simulator.control.approve(card.instanceCode, ASSIGNEE);
  await core().receiveEvent(card, 'APPROVED');
}
const setStatus = (status: 'OPEN' | 'DONE' | 'CANCELED') =>
  core().edit(ISSUE, (issue) => {
    issue.status = status;
  });
const askAgain = (statement: string) =>
  core().edit(ISSUE, ({ stages: [stage] }) => {
    Object.assign(stage?.tasks[0] ?? {}, { statement, status: 'PENDING_APPROVAL' });
  });
const pass = (days: number) => core().clock.advance(days * DAY_MS);

async function approvedAndDone(): Promise<void> {
  await core().write(anIssue());
  await approve();
  await setStatus('DONE');
}

describe('what is kept of an issue', () => {
  it('expires after the days of each kind, once the issue is done', async () => {
    await core().write(anIssue());
    await approve();
    expect(await expiring()).toEqual({});
    await setStatus('DONE');
    expect(await expiring()).toEqual({ APPROVAL: 90, INSTANCE: 90, 'ISSUE STAGE': 90, SHOWN: 30 });
    await pass(10);
    await core().run(ISSUE);
    expect(await expiring()).toEqual({ APPROVAL: 80, INSTANCE: 80, 'ISSUE STAGE': 80, SHOWN: 20 });
  });

  it('expires once a deleted issue has no open card any more', async () => {
    await core().write(anIssue());
    await core().remove(ISSUE);
    expect(core().pending()).toEqual([]);
    expect(Object.keys(await expiring())).toEqual([...ROUND, 'SHOWN']);
  });

  it('never expires by default', async () => {
    keepFor({});
    await approvedAndDone();
    expect(await expiring()).toEqual({});
  });

  it.each<[string, RetentionDays, Record<string, number>]>([
    ['what was shown', { shownDays: 30 }, { SHOWN: 30 }],
    ['rounds', { roundDays: 90 }, { APPROVAL: 90, INSTANCE: 90, 'ISSUE STAGE': 90 }],
  ])('expires only as configured: %s', async (_, days, marked) => {
    keepFor(days);
    await approvedAndDone();
    expect(await expiring()).toEqual(marked);
  });

  it('follows changed days at the next hint', async () => {
    await approvedAndDone();
    await pass(5);
    keepFor({ roundDays: 60 });
    await core().run(ISSUE);
    expect(await expiring()).toEqual({ APPROVAL: 55, INSTANCE: 55, 'ISSUE STAGE': 55 });
    keepFor({});
    await core().run(ISSUE);
    expect(await expiring()).toEqual({});
    expect((await core().work.store.read(ISSUE)).memory).not.toHaveProperty('retention');
  });

  it('does not expire while Feishu refuses to close the card', async () => {
    await core().write(anIssue());
    const refuse = { kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390009, status: 403 } as const;
    core().simulator.control.misbehave(refuse);
    await setStatus('CANCELED');
    expect((await core().rounds(ISSUE))[0]).toMatchObject({ settle: { what: 'OPEN' } });
    expect(await expiring()).toEqual({});
    core().simulator.control.behave();
    for (let day = 0; day < 3; day++) {
      await pass(1);
      await core().run(ISSUE);
    }
    expect(core().pending()).toEqual([]);
    expect(Object.keys(await expiring())).toEqual([...ROUND, 'SHOWN']);
  });
});

describe('an issue that is opened again', () => {
  it('expires no more, and a later end starts the days anew', async () => {
    await approvedAndDone();
    await pass(20);
    await setStatus('OPEN');
    expect(await expiring()).toEqual({});
    await askAgain('DELETE FROM orders');
    await approve();
    await setStatus('DONE');
    expect(await expiring()).toEqual({ APPROVAL: 90, INSTANCE: 90, 'ISSUE STAGE': 90, SHOWN: 30 });
    expect(await core().rounds(ISSUE)).toHaveLength(2);
  });

  it('is not planned before everything is kept, and is continued after many rounds', async () => {
    await approvedAndDone();
    const { store } = core().work;
    const done: string[] = [];
    core().work.store = {
      ...store,
      setExpiry: async (...args) => {
        done.push('setExpiry');
        // Longer than one run marks.
        await core().clock.advance(6_000);
        await store.setExpiry(...args);
        return done.length < 3 ? 'STAGE#stage-1#000000' : undefined;
      },
      open: async (...args) => {
        done.push('open');
        await store.open(...args);
      },
    };
    const record = await core().record(ISSUE);
    Object.assign(record.stages[0]?.tasks[0] ?? {}, {
      statement: 'DELETE FROM t',
      status: 'PENDING_APPROVAL',
    });
    await core().put({ ...record, status: 'OPEN' });
    for (const _ of [1, 2]) {
      expect(await core().run(ISSUE)).toEqual({ waitSeconds: 1 });
      expect((await store.read(ISSUE)).memory?.retention?.left).toEqual({ after: 'STAGE#stage-1#000000' });
    }
    expect(await core().run(ISSUE)).toEqual({});
    expect(done).toEqual(['setExpiry', 'setExpiry', 'setExpiry', 'open']);
    expect(core().pending()).toHaveLength(1);
  });

  it('shows no changes on the next card after what was shown is deleted', async () => {
    await approvedAndDone();
    await pass(31);
    await deleteExpired();
    await setStatus('OPEN');
    await askAgain('DELETE FROM orders');
    expect(core().pending()).toHaveLength(1);
    await approve();
    expect((await core().record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING');
  });
});

describe('after the rounds are deleted', () => {
  beforeEach(async () => {
    await approvedAndDone();
    await pass(91);
    await deleteExpired();
    expect(await core().rounds(ISSUE)).toEqual([]);
  });

  it('the record of the issue keeps its approval', async () => {
    const before = await core().record(ISSUE);
    await core().run(ISSUE);
    expect(await core().record(ISSUE)).toEqual(before);
    expect(before.stageApprovals?.['stage-1']?.state).toBe('APPROVED');
  });

  it('an issue that is opened again is asked as a new one', async () => {
    await setStatus('OPEN');
    await askAgain('DELETE FROM orders');
    await approve();
    const record = await core().record(ISSUE);
    expect(record.stages[0]?.tasks[0]?.status).toBe('PENDING');
    expect(record.stageApprovals?.['stage-1']).toMatchObject({ generation: 1, triggers: ['NEW_STAGE'] });
  });

  it('docs/lessons.md 29: a ready task without an approval of its content is set back', async () => {
    await core().edit(ISSUE, (issue) => {
      issue.status = 'OPEN';
      Object.assign(issue.stages[0]?.tasks[0] ?? {}, { statement: 'DELETE FROM orders' });
    });
    expect((await core().record(ISSUE)).stages[0]?.tasks[0]?.status).toBe('PENDING_APPROVAL');
    expect(core().pending()).toHaveLength(1);
  });
});
