import { type DynamoDBDocumentClient, GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

/** An external approval node: where an organisation's OA is (CONTRACT section 4); its signing secret is not here. */
export const externalNodeSchema = z.object({
  nodeId: z.string(),
  title: z.string(),
  /** Base of the OA's routes, without a slash at the end. */
  endpoint: z.string(),
  /** Grows by one with every save. */
  revision: z.int(),
});
export type ExternalNode = z.infer<typeof externalNodeSchema>;

/** In a path, a key and a command line the same: so that nothing needs to be encoded. */
export const NODE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const PREFIX = 'NODE#';

/** Key of a node in the Approvals table, beside the settings of Feishu. */
export const externalNodeKey = (nodeId: string) => ({ pk: 'SETTINGS', sk: `${PREFIX}${nodeId}` });

/** Every configured node; strongly consistent. */
export async function readExternalNodes(
  documents: DynamoDBDocumentClient,
  tableName: string,
): Promise<ExternalNode[]> {
  const nodes: ExternalNode[] = [];
  const pages = paginateQuery(
    { client: documents },
    {
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': externalNodeKey('').pk, ':prefix': PREFIX },
      ConsistentRead: true,
    },
  );
  for await (const page of pages) {
    for (const item of page.Items ?? []) nodes.push(externalNodeSchema.parse(item));
  }
  return nodes;
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
  return Item && externalNodeSchema.parse(Item);
}
