import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { approvalPointerKey } from '../../shared/approval/keys.ts';

const pointerSchema = z.object({ issueId: z.string(), approvalId: z.string() });

/** The issue of an approval; strongly consistent. undefined: it is none of ours. */
export async function findApproval(
  approvalId: string,
  { documents, tableName }: { documents: DynamoDBDocumentClient; tableName: string },
): Promise<z.infer<typeof pointerSchema> | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: approvalPointerKey(approvalId), ConsistentRead: true }),
  );
  return Item && pointerSchema.parse(Item);
}
