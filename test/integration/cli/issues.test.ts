import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { createDynamoStore } from '../../../shared/approval/store/dynamo-store.ts';
import { parseHint } from '../../../shared/approval/work-queue.ts';
import { oaRequestOf } from '../../../shared/external/request.ts';
import { shownOf } from '../../../shared/feishu/shown-content.ts';
import { allTaskHashes, canonicalStepContent, stepContent } from '../../../shared/issue/content-hash.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { sha256 } from '../../../shared/runtime/sha256.ts';
import { roundKey } from '../../../shared/tables/approval-keys.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from '../../support/dynamodb-local.ts';
import { type LocalQueue, startQueue } from '../../support/fauxqs.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { aNewerRound } from '../../support/newer-version.ts';
import { aRoundOf } from '../../support/round.ts';
import { aLocalStack, cli, type LocalFake } from '../../unit/cli/support.ts';

let dynamo: DynamoDbLocal;
let queue: LocalQueue;
let tables: { issueTableName: string; approvalTableName: string };
let stack: LocalFake;

beforeAll(async () => {
  [dynamo, queue] = await Promise.all([startDynamoDbLocal(), startQueue()]);
});
afterAll(() => Promise.all([dynamo.stop(), queue.stop()]));
beforeEach(async () => {
  tables = await dynamo.createTables();
  stack = await aLocalStack(
    () => undefined,
    {
      IssueTableName: tables.issueTableName,
      ApprovalTableName: tables.approvalTableName,
      WorkQueueUrl: queue.queueUrl,
    },
    { dynamodb: dynamo.endpoint, sqs: queue.endpoint },
  );
});
afterEach(() => stack.close());

const run = (...argv: string[]) => cli([...argv, '--local', stack.url]);
const put = (TableName: string, Item: object) =>
  dynamo.documents.send(new PutCommand({ TableName, Item: { ...Item } }));
const keepIssue = (issue: IssueRecord) => put(tables.issueTableName, issue);
const keepRound = (round: Round) =>
  put(tables.approvalTableName, { ...round, ...roundKey(round), ...(round.checkAfter && { due: 'DUE' }) });

describe('resync', () => {
  it('sends one hint for every open issue and names the rounds that are due', async () => {
    const failed = anIssue({ issueId: 'failed' });
    const round = aRoundOf(failed, {
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: 'Feishu does not know them.' },
    });
    await Promise.all([
      keepIssue(failed),
      keepIssue(anIssue({ issueId: 'new' })),
      keepIssue(anIssue({ issueId: 'done', status: 'DONE' })),
      keepRound(round),
    ]);

    const result = await run('resync', '--json');

    expect(result).toMatchObject({ exit: 0, err: '' });
    expect(result.json()).toEqual({ hinted: 2, scanned: 3, failed: [] });
    const hints = (await queue.receiveAll()).map(({ Body = '' }) => parseHint(Body));
    expect(hints).toHaveLength(2);
    expect(hints).toContainEqual({
      kind: 'DUE',
      issueId: 'failed',
      approvalIds: [round.approvalId],
      resync: true,
    });
    expect(hints).toContainEqual({ kind: 'DUE', issueId: 'new', approvalIds: [], resync: true });
  });

  it('sends one hint for every issue that is not open, if asked for those', async () => {
    await keepIssue(anIssue({ issueId: 'open' }));
    await keepIssue(anIssue({ issueId: 'done', status: 'DONE' }));
    await keepIssue(anIssue({ issueId: 'canceled', status: 'CANCELED' }));

    const result = await run('resync', '--closed');

    expect(result).toMatchObject({ exit: 0, err: '' });
    expect(result.out).toContain('Sent hints for 2 closed issues of 3 issues.');
    const hints = (await queue.receiveAll()).map(({ Body = '' }) => parseHint(Body));
    expect(hints.map((hint) => 'issueId' in hint && hint.issueId).toSorted()).toEqual(['canceled', 'done']);
  });

  it('sends hints again each time it runs', async () => {
    await keepIssue(anIssue());
    await run('resync');
    await run('resync');
    expect(await queue.receiveAll()).toHaveLength(2);
  });

  it('names the issues whose hint could not be sent', async () => {
    await keepIssue(anIssue({ issueId: 'lost' }));
    await stack.close();
    stack = await aLocalStack(
      () => undefined,
      { IssueTableName: tables.issueTableName, ApprovalTableName: tables.approvalTableName },
      { dynamodb: dynamo.endpoint },
    );
    const result = await run('resync', '--json');
    expect(result.exit).toBe(1);
    expect(result.json()).toMatchObject({ hinted: 0, failed: ['lost'], error: { code: 'NOT_ALL_HINTED' } });
  });
});

describe('show', () => {
  const issue = anIssue({
    issueId: 'told',
    stages: [
      aStage({
        tasks: [aTask({ title: 'Add a column', statement: 'ALTER TABLE told\n  ADD COLUMN note TEXT' })],
      }),
    ],
  });
  const stage = issue.stages[0] ?? aStage();

  /** Round 1 is rejected, round 2 is with the approver; the content of both is stored as the store does it. */
  async function keepStory(): Promise<void> {
    const first = aRoundOf(issue, {
      state: 'REJECTED',
      closedAt: '2026-03-01T09:00:01.000Z',
      checkAfter: undefined,
      decisions: [
        {
          result: 'REJECTED',
          by: { email: 'assignee@example.com' },
          at: '2026-03-01T09:00:00.000Z',
          comment: 'Not on a \u001b[31mFriday',
          applied: true,
        },
      ],
    });
    const second = aRoundOf(issue, {
      generation: 2,
      instanceCode: 'SECOND',
      triggers: ['BELL'],
      requestedAt: '2026-03-02T08:00:00.000Z',
      sentAt: '2026-03-02T08:00:01.000Z',
      forms: [{ level: 'COMPACT', wording: 'KEYS', bytes: 60_000, whole: false }],
    });
    await put(tables.issueTableName, { ...issue, approvalHold: 'CHECK_RUNNING' });
    const store = createDynamoStore(dynamo.documents, tables);
    for (const [index, round] of [first, second].entries()) {
      await keepRound(round);
      await store.save(round, round, {
        form: '[]',
        title: '@i18n@title',
        i18nResources: [
          {
            locale: 'en-US',
            is_default: true,
            texts: [{ key: '@i18n@title', value: `Title of round ${index + 1}` }],
          },
        ],
        shown: shownOf(issue, stage),
      });
    }
  }

  it('shows the rounds in order of time and the content of the current one', async () => {
    await keepStory();
    const { exit, out, err } = await run('show', 'told');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const story = [
      'round 1  requested (NEW_STAGE) by creator@example.com, to assignee@example.com',
      'round 1  sent',
      'round 1  REJECTED by assignee@example.com: Not on a [31mFriday',
      'round 2  requested (BELL)',
      'round 2  sent to the approver, as a compact card that does not show every statement in full',
      'Round 2 of stage-1 is PENDING.',
      'On hold: CHECK_RUNNING',
      'Asked of the approver in round 2',
      'Title of round 2',
      'The card was compact and did not show all of this',
      '    ALTER TABLE told\n      ADD COLUMN note TEXT',
    ];
    const places = story.map((text) => out.indexOf(text));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(out.includes('\u001b')).toBe(false);
  });

  it('shows another round, and no SQL when asked', async () => {
    await keepStory();
    const { out } = await run('show', 'told', '--round', '1', '--no-sql');
    expect(out.includes('Title of round 1')).toBe(true);
    expect(out.includes('ALTER TABLE')).toBe(false);
  });

  it('is one document with --json, without SQL when asked', async () => {
    await keepStory();
    const result = await run('show', 'told', '--no-sql', '--json');
    expect(result.out.includes('ALTER TABLE')).toBe(false);
    expect(result.json()).toMatchObject({
      record: { kind: 'VALID', approvalHold: 'CHECK_RUNNING' },
      rounds: [{ state: 'REJECTED' }, { state: 'PENDING' }],
      shown: {
        generation: 2,
        title: 'Title of round 2',
        form: 'COMPACT',
        whole: false,
        tasks: [{ title: 'Add a column' }],
      },
    });
  });

  it('docs/lessons.md 51: shows rounds of a newer version as they are, also those that it cannot interpret', async () => {
    await put(tables.issueTableName, { ...issue, approvalHold: 'NEWER-HOLD' });
    const newer = {
      state: 'PAUSED',
      channel: 'PHONE',
      closeReason: 'NEWER-REASON',
      closedAt: '2026-03-01T09:00:00.000Z',
    };
    const withdrawn = { ...newer, state: 'WITHDRAWN', channel: 'FEISHU', triggers: ['NEWER-TRIGGER'] };
    for (const [generation, changes] of [
      withdrawn,
      newer,
      { subject: { kind: 'PROJECT', id: 'shop' } },
    ].entries()) {
      const round = aNewerRound(aRoundOf(issue, { generation: generation + 1 }), changes);
      await keepRound(round);
    }
    const { exit, out } = await run('show', issue.issueId);
    expect(exit).toBe(0);
    for (const word of [
      'PAUSED: NEWER-REASON',
      'to PHONE',
      'WITHDRAWN: NEWER-REASON',
      'NEWER-TRIGGER',
      'shop',
      'NEWER-HOLD',
    ]) {
      expect(out).toContain(word);
    }
  });

  it('shows an issue without any request, and one whose record is gone', async () => {
    await keepIssue(anIssue({ issueId: 'fresh' }));
    const round = aRoundOf(anIssue({ issueId: 'gone' }));
    await keepRound(round);
    const [fresh, gone] = [await run('show', 'fresh'), await run('show', 'gone')];
    expect(fresh.out).toContain('No approval was ever asked for.');
    expect(gone.out).toContain('the record is gone');
    expect([fresh.exit, gone.exit]).toEqual([0, 0]);
  });

  it.each([
    ['an unknown issue', ['nobody'], /no such issue/],
    ['an unknown round', ['told', '--round', '9'], /no such round/],
  ])('ends with 1 and one line for %s', async (_what, argv, says) => {
    await keepIssue(issue);
    const { exit, out, err } = await run('show', ...argv);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect(err).toMatch(says);
  });
});

describe('show of an issue with an EXTERNAL step', () => {
  const step = aStep({
    stepId: 'finance',
    title: 'Finance signs off',
    kind: 'EXTERNAL',
    externalNodeId: 'finance-oa',
  });
  const issue = anIssue({
    issueId: 'told-by-an-oa',
    title: 'Orders get a price',
    approvalFlow: { steps: [step] },
    stages: [
      aStage({ tasks: [aTask({ statement: 'ALTER TABLE oa_told ADD COLUMN price INT' })] }),
      aStage({
        stageId: 'stage-2',
        title: 'Archive',
        tasks: [aTask({ type: 'ROLLOUT', statement: 'SELECT told_by_oa' })],
      }),
    ],
  });
  const content = canonicalStepContent(stepContent(issue, step));
  const aStepRound = (changes: Partial<Round>): Round => ({
    ...aRoundOf(issue),
    subject: { kind: 'STEP', id: 'finance' },
    channel: 'EXTERNAL',
    nodeId: 'finance-oa',
    content,
    contentSha256: sha256(content),
    tasks: allTaskHashes(issue),
    approvers: [],
    requester: { email: 'creator@example.com', bot: false },
    instanceCode: undefined,
    externalId: 'CHG-7',
    ...changes,
  });

  /** The step is approved in the OA; then the stage is requested. */
  async function keepStory(): Promise<void> {
    const first = aStepRound({
      state: 'APPROVED',
      requestedAt: '2026-03-01T07:00:00.000Z',
      sentAt: '2026-03-01T07:00:01.000Z',
      closedAt: '2026-03-01T07:30:00.000Z',
      checkAfter: undefined,
      decisions: [
        {
          result: 'APPROVED',
          by: { userId: 'finance desk' },
          at: '2026-03-01T07:30:00.000Z',
          comment: 'Within budget',
          applied: true,
        },
      ],
    });
    await keepIssue(issue);
    const store = createDynamoStore(dynamo.documents, tables);
    await keepRound(first);
    await store.save(first, first, { channel: 'EXTERNAL', body: oaRequestOf(issue, step, first) });
    await keepRound(aRoundOf(issue));
  }

  it('shows both in order of time, and which one is the step', async () => {
    await keepStory();
    const { exit, out, err } = await run('show', 'told-by-an-oa');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const story = [
      'step finance round 1  requested (NEW_STAGE) by creator@example.com, to the external node finance-oa',
      'step finance round 1  sent to the OA, which calls it CHG-7',
      'step finance round 1  APPROVED by finance desk: Within budget',
      'stage-1 round 1  requested',
      'Round 1 of stage-1 is PENDING.',
    ];
    const places = story.map((text) => out.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place >= 0)).toBe(true);
  });

  it('shows what the OA saw: every stage, with its SQL', async () => {
    await keepStory();
    const { out } = await run('show', 'told-by-an-oa', '--step', 'finance');
    expect(out.includes('Round 1 of step finance is APPROVED.')).toBe(true);
    expect(out.includes('Shown to the OA in round 1 of step finance')).toBe(true);
    for (const text of [
      'Orders get a price',
      'Finance signs off',
      'Production, prod, 1 task',
      '    ALTER TABLE oa_told ADD COLUMN price INT',
      'Archive, prod, 1 task',
      'ROLLOUT · mysql-prod-1 · shop',
      '    SELECT told_by_oa',
    ]) {
      expect(out.includes(text)).toBe(true);
    }
  });

  it('chooses the open request when the step is requested again', async () => {
    await keepStory();
    await keepRound(aStepRound({ generation: 2, requestedAt: '2026-03-02T08:00:00.000Z' }));
    await keepRound(aRoundOf(issue, { state: 'WITHDRAWN', closeReason: 'FLOW_CHANGED' }));
    const { out } = await run('show', 'told-by-an-oa');
    expect(out.includes('Round 2 of step finance is PENDING.')).toBe(true);
    expect(out.includes('Nothing yet: sending has not started.')).toBe(true);
  });

  it('is one document with --json, without SQL when asked', async () => {
    await keepStory();
    const result = await run('show', 'told-by-an-oa', '--step', 'finance', '--no-sql', '--json');
    expect(/oa_told|told_by_oa/.test(result.out)).toBe(false);
    expect(result.json()).toMatchObject({
      rounds: expect.arrayContaining([
        expect.objectContaining({
          subject: { kind: 'STEP', id: 'finance' },
          nodeId: 'finance-oa',
          channel: 'EXTERNAL',
          ref: { externalId: 'CHG-7' },
        }),
      ]),
      timeline: expect.arrayContaining([expect.objectContaining({ stepId: 'finance', generation: 1 })]),
      shown: {
        stepId: 'finance',
        nodeId: 'finance-oa',
        stages: [{ stageId: 'stage-1', tasks: [{ title: 'Add a column' }] }, { stageId: 'stage-2' }],
      },
    });
  });
});
