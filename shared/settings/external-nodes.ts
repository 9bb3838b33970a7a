import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { queryAll } from '../runtime/dynamodb-reads.ts';
import { itemOf, readItem, storedSchema } from '../runtime/stored-items.ts';
import { externalNodeKey, PARTITIONS } from '../tables/approval-keys.ts';

/** An external node: where an OA is (docs/contract.md 4). Its signing secret is stored elsewhere. */
const externalNodeMembers = z.object({
  nodeId: z.string(),
  title: z.string(),
  /** Base URL of the OA's routes, without a slash at the end. */
  endpoint: z.string(),
  /** Each save adds 1. */
  revision: z.int(),
});
export const externalNodeSchema = storedSchema(externalNodeMembers);
export type ExternalNode = z.infer<typeof externalNodeSchema>;

/** In characters. */
export const MAX_TITLE = 200;

/** Allows only characters that need no encoding in a path, a key or a command line. */
export const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Returns every external node. Strongly consistent. */
export async function readExternalNodes(
  documents: DynamoDBDocumentClient,
  tableName: string,
): Promise<ExternalNode[]> {
  const items = await queryAll(documents, {
    TableName: tableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': PARTITIONS.nodes },
    ConsistentRead: true,
  });
  return items.map((item) => readItem(externalNodeSchema, item));
}

/** Returns a node, or undefined if there is none. Strongly consistent. */
export async function readExternalNode(
  { documents, tableName }: { documents: DynamoDBDocumentClient; tableName: string },
  nodeId: string,
): Promise<ExternalNode | undefined> {
  if (!NODE_ID.test(nodeId)) return undefined;
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: externalNodeKey(nodeId), ConsistentRead: true }),
  );
  return Item && readItem(externalNodeSchema, Item);
}

interface NodePlace {
  documents: DynamoDBDocumentClient;
  tableName: string;
}

/** Replaces a node. Callers must hold the lock of the settings. */
export async function writeExternalNode(
  { documents, tableName }: NodePlace,
  node: ExternalNode,
): Promise<void> {
  const Item = itemOf(externalNodeKey(node.nodeId), node);
  await documents.send(new PutCommand({ TableName: tableName, Item }));
}

/** Deletes a node. Callers must hold the lock of the settings. */
export async function deleteExternalNode({ documents, tableName }: NodePlace, nodeId: string): Promise<void> {
  await documents.send(new DeleteCommand({ TableName: tableName, Key: externalNodeKey(nodeId) }));
}
