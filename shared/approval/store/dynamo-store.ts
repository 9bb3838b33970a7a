import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Image } from '../../runtime/attribute-values.ts';
import { marshallOptions, refuseStale, transact, updateItem } from '../../runtime/dynamodb-writes.ts';
import { itemOf, SCHEMA_UPDATE } from '../../runtime/stored-items.ts';
import { readExternalNodes } from '../../settings/external-nodes.ts';
import { readFeishuSettings } from '../../settings/settings-store.ts';
import {
  approvalPointerKey,
  DUE,
  instancePointerKey,
  memoryKey,
  requestKey,
  roundKey,
} from '../../tables/approval-keys.ts';
import { policyOf } from '../channels/policies.ts';
import type { IssueMemory } from '../plan/issue-memory.ts';
import type { Round } from '../plan/round.ts';
import type { IssueState } from '../plan/snapshot.ts';
import { approvalChange, requireApprovalChange, writeBackChange } from './issue-changes.ts';
import { issueState } from './issue-state.ts';
import { pointerSchema } from './pointers.ts';
import { findEarlier, readAllRounds, readRounds } from './read-rounds.ts';
import { setExpiry } from './set-expiry.ts';
import { type ApprovalStore, type SentRequest, sentRequestSchema } from './store.ts';

export interface TableNames {
  issueTableName: string;
  approvalTableName: string;
}

/**
 * Creates the store on DynamoDB.
 * @param documents a client with `removeUndefinedValues`
 */
export function createDynamoStore(documents: DynamoDBDocumentClient, tables: TableNames): ApprovalStore {
  const { issueTableName, approvalTableName } = tables;

  const roundsOf = (issueId: string) => ({ documents, tableName: approvalTableName, issueId });

  const putRound = (round: Round, before: Round | undefined): TransactWriteItem => ({
    Put: {
      TableName: approvalTableName,
      Item: marshall(roundItem(round), marshallOptions()),
      ...(before ? unchangedSince(before) : { ConditionExpression: 'attribute_not_exists(pk)' }),
    },
  });
  const putPointer = (
    key: { pk: string; sk: string },
    { issueId, approvalId, channel, nodeId, subject, generation }: Round,
  ): TransactWriteItem => ({
    Update: {
      TableName: approvalTableName,
      Key: marshall(key),
      UpdateExpression: `SET issueId = :issue, approvalId = :same, #channel = :channel, nodeId = :node, #round = :round, ${SCHEMA_UPDATE.set}`,
      ConditionExpression: 'attribute_not_exists(pk) OR approvalId = :same',
      ExpressionAttributeNames: { ...SCHEMA_UPDATE.names, '#channel': 'channel', '#round': 'round' },
      ExpressionAttributeValues: marshall({
        ...SCHEMA_UPDATE.values,
        ':issue': issueId,
        ':same': approvalId,
        ':channel': channel,
        ':node': nodeId ?? null,
        ':round': { subject: { kind: subject.kind, id: subject.id }, generation },
      }),
    },
  });
  const putRequest = (approvalId: string, request: SentRequest): TransactWriteItem => ({
    Update: {
      TableName: approvalTableName,
      Key: marshall(requestKey(approvalId)),
      UpdateExpression: `SET body = :body, ${SCHEMA_UPDATE.set}`,
      ExpressionAttributeNames: SCHEMA_UPDATE.names,
      ExpressionAttributeValues: marshall({ ...SCHEMA_UPDATE.values, ':body': compressed(request) }),
    },
  });

  return {
    async read(issueId, named, before) {
      const [raw, kept, settings] = await Promise.all([
        readIssue(documents, issueTableName, issueId),
        readRounds(roundsOf(issueId), named, before && (before.memory?.past ?? [])),
        readFeishuSettings(documents, approvalTableName),
      ]);
      const nodes = isExternal(raw, kept.rounds) ? await readExternalNodes(documents, approvalTableName) : [];
      const issue: IssueState = raw ? issueState(raw, nodes) : { kind: 'ABSENT' };
      return { issueId, issue, ...kept, settings, nodes };
    },

    readAllRounds: (issueId) => readAllRounds(roundsOf(issueId)),

    findEarlier: ({ issueId, subject, generation }, isWanted) =>
      findEarlier({ ...roundsOf(issueId), subject, generation }, isWanted),

    async remember(memory, before) {
      await refuseStale(() =>
        documents.send(
          new PutCommand({
            TableName: approvalTableName,
            Item: itemOf(memoryKey(memory.issueId), memory),
            ...(before ? unchanged(before) : { ConditionExpression: 'attribute_not_exists(pk)' }),
          }),
        ),
      );
    },

    async open(round, previous) {
      await transact(documents, [
        putRound(round, undefined),
        putPointer(approvalPointerKey(round.approvalId), round),
        ...(previous ? [putRound(nextRevision(previous.before, previous.after), previous.before)] : []),
        ...(previous ? newInstancePointer(previous.before, previous.after) : []),
      ]);
    },

    async save(before, after, request) {
      const saved = nextRevision(before, after);
      const items = [
        putRound(saved, before),
        ...newInstancePointer(before, after),
        ...(request ? [putRequest(saved.approvalId, request)] : []),
      ];
      await transact(documents, items);
      return saved;
    },

    async readRequest(approvalId) {
      const { Item } = await documents.send(
        new GetCommand({ TableName: approvalTableName, Key: requestKey(approvalId), ConsistentRead: true }),
      );
      if (!(Item?.body instanceof Uint8Array)) return undefined;
      return sentRequestSchema.parse(JSON.parse(brotliDecompressSync(Item.body).toString('utf8')));
    },

    async approve(change) {
      const after = nextRevision(change.before, change.after);
      await transact(documents, [
        { Update: { TableName: issueTableName, ...approvalChange({ ...change, after }) } },
        putRound(after, change.before),
      ]);
    },

    async requireApproval(issueId, raw, stageId, taskIds) {
      await updateItem(documents, issueTableName, requireApprovalChange(issueId, raw, stageId, taskIds));
    },

    async writeBack(issueId, raw, change) {
      await updateItem(documents, issueTableName, writeBackChange(issueId, raw, change));
    },

    setExpiry: (issueId, times, after) => setExpiry(roundsOf(issueId), times, after),

    async findIssue(reference) {
      const key =
        'approvalId' in reference
          ? approvalPointerKey(reference.approvalId)
          : instancePointerKey(reference.instanceCode);
      const { Item } = await documents.send(
        new GetCommand({ TableName: approvalTableName, Key: key, ConsistentRead: true }),
      );
      return Item && pointerSchema.parse(Item);
    },
  };

  function newInstancePointer(before: Round, after: Round): TransactWriteItem[] {
    if (!after.instanceCode || after.instanceCode === before.instanceCode) return [];
    return [putPointer(instancePointerKey(after.instanceCode), after)];
  }
}

/**
 * Returns the condition that nothing which comes from hints, and no retention, has changed since the memory was read.
 */
function unchanged(memory: IssueMemory) {
  const { arrival, highest, rung, past, retention } = memory;
  const hinted = Object.entries({ highest, rung, past, retention });
  const known = hinted.filter(([, value]) => value !== undefined);
  return {
    ConditionExpression: [
      'arrival = :arrival',
      ...hinted.map(([name, value]) =>
        value === undefined ? `attribute_not_exists(${name})` : `${name} = :${name}`,
      ),
    ].join(' AND '),
    ExpressionAttributeValues: {
      ':arrival': arrival,
      ...Object.fromEntries(known.map(([name, value]) => [`:${name}`, value])),
    },
  };
}

const nextRevision = (before: Round, after: Round): Round => ({ ...after, revision: before.revision + 1 });

/**
 * Returns the item of a round. Only a round with a `checkAfter` has `due`, so only such rounds are in the sparse
 * index.
 */
const roundItem = (round: Round) =>
  itemOf({ ...roundKey(round), ...(round.checkAfter && { due: DUE }) }, round);

const compressed = (request: SentRequest): Buffer =>
  brotliCompressSync(JSON.stringify(request), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: REPEATS_WITHIN },
  });

/**
 * The window of the compression, as a power of two: 16 MB. The languages of a form and the stored statements repeat
 * each other a megabyte apart. With the 32 KB of gzip, the request of the largest record would not fit into an item.
 */
const REPEATS_WITHIN = 24;

const unchangedSince = (round: Round) => ({
  ConditionExpression: 'revision = :revision AND #state = :state',
  ExpressionAttributeNames: { '#state': 'state' },
  ExpressionAttributeValues: { ':revision': { N: String(round.revision) }, ':state': { S: round.state } },
});

async function readIssue(
  documents: DynamoDBDocumentClient,
  tableName: string,
  issueId: string,
): Promise<Image | undefined> {
  const { Item } = await documents.send(
    new GetItemCommand({ TableName: tableName, Key: { issueId: { S: issueId } }, ConsistentRead: true }),
  );
  return Item;
}

/**
 * Whether the issue has an EXTERNAL step or a round that needs the external nodes. Most issues have none, and save
 * the read.
 */
const isExternal = (raw: Image | undefined, rounds: readonly Round[]): boolean =>
  rounds.some((round) => policyOf(round).needsNodes) ||
  (raw?.approvalFlow?.M?.steps?.L ?? []).some((step) => step.M?.kind?.S === 'EXTERNAL');
