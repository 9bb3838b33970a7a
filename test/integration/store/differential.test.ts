import { randomUUID } from 'node:crypto';
import { QueryCommand, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFakeDynamoDb } from '../../simulation/dynamodb/fake-dynamodb.ts';
import { storeItem } from '../../simulation/dynamodb/values.ts';
import { useDynamoDbLocal } from '../../support/use-core.ts';
import { anySequence, carryOut, type Place, type RandomWrite } from './arbitrary/commands.ts';

const database = useDynamoDbLocal();

/**
 * The sequences are the same each time, so that a change never fails because of a new find. For more and other
 * sequences set DIFFERENTIAL_RUNS. 5000 runs take half an hour.
 */
const BY_HAND = process.env.DIFFERENTIAL_RUNS;
const TIMEOUT_MS = BY_HAND === undefined ? 60_000 : 6 * 3_600_000;
const PARAMETERS = BY_HAND === undefined ? { numRuns: 150, seed: 20_260_301 } : { numRuns: Number(BY_HAND) };

it(
  'the fake and DynamoDB Local give the same answers to any sequence of writes, and store the same items',
  async () => {
    const { approvalTableName } = await database().createTables();
    const property = fc.asyncProperty(anySequence, async (writes) => {
      const fake = createFakeDynamoDb();
      const partition = randomUUID();
      const real = { table: approvalTableName, partition };
      const simulated = { table: fake.tables.approvalTableName, partition };
      expect(await resultsOf(writes, fake.documents, simulated)).toEqual(
        await resultsOf(writes, database().documents, real),
      );
    });
    await fc.assert(property, PARAMETERS);
  },
  TIMEOUT_MS,
);

/**
 * Returns the result of each write, and the items at the end. DynamoDB Local returns numbers inside lists and maps as
 * they were written, although it compares them by value. DynamoDB and the fake normalise those, too.
 */
async function resultsOf(writes: readonly RandomWrite[], documents: DynamoDBDocumentClient, place: Place) {
  const results: unknown[] = [];
  for (const write of writes) results.push(await resultOf(write, documents, place));
  const { Items } = await documents.send(
    new QueryCommand({
      TableName: place.table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: place.partition } },
      ConsistentRead: true,
    }),
  );
  return { results, items: Items?.map(storeItem) };
}

async function resultOf(write: RandomWrite, documents: DynamoDBDocumentClient, place: Place) {
  try {
    const attributes = await carryOut(write, documents, place);
    return attributes ? storeItem(attributes) : 'OK';
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      return error.CancellationReasons?.map(({ Code }) => Code);
    }
    return error instanceof Error ? error.name : error;
  }
}
