import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Pointer, readPointer } from '../../shared/approval/store/pointers.ts';
import { approvalPointerKey } from '../../shared/tables/approval-keys.ts';

/** Finds the issue of an approval, strongly consistent. Returns undefined if this node was not asked for the approval. */
export const findApproval = (
  approvalId: string,
  nodeId: string,
  place: { documents: DynamoDBDocumentClient; tableName: string },
): Promise<Pointer | undefined> =>
  readPointer(place, approvalPointerKey(approvalId), { channel: 'EXTERNAL', nodeId });
