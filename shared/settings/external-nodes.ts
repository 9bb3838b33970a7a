import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { queryAll } from '../runtime/dynamodb-reads.ts';
import { itemOf, readItem, storedSchema } from '../runtime/stored.ts';
import { externalNodeKey, PARTITIONS } from '../tables/keys.ts';

/** An external approval node: where an organisation's OA is (docs/contract.md 4); its signing secret is not here. */
const externalNodeMembers = z.object({
  nodeId: z.string(),
  title: z.string(),
  /** Base of the OA's routes, without a slash at the end. */
  endpoint: z.string(),
  /** Grows by one with every save. */
  revision: z.int(),
});
export const externalNodeSchema = storedSchema(externalNodeMembers);
export type ExternalNode = z.infer<typeof externalNodeSchema>;

/** Of a node, in characters. */
export const MAX_TITLE = 200;

/** In a path, a key and a command line the same: so that nothing needs to be encoded. */
export const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Every configured node; strongly consistent. */
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

/** One node; strongly consistent. undefined: none is configured under this id. */
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

/** Writes a node whole. Callers serialise this (the lock on the settings item). */
export async function writeExternalNode(
  { documents, tableName }: NodePlace,
  node: ExternalNode,
): Promise<void> {
  const Item = itemOf(externalNodeKey(node.nodeId), node);
  await documents.send(new PutCommand({ TableName: tableName, Item }));
}

/** Callers serialise this, as they do `writeExternalNode`. */
export async function deleteExternalNode({ documents, tableName }: NodePlace, nodeId: string): Promise<void> {
  await documents.send(new DeleteCommand({ TableName: tableName, Key: externalNodeKey(nodeId) }));
}
