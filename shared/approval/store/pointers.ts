import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { isKnown } from '../../runtime/stored.ts';
import { CHANNELS, type ChannelName } from '../channels/policies.ts';
import { type Round, subjectSchema } from '../plan/round.ts';

/**
 * From an approvalId, or an instance code, to its round. It is never written from what was read, and goes into hints:
 * what a newer version keeps in it is dropped.
 */
export const pointerSchema = z.object({ issueId: z.string(), approvalId: z.string() });
export type Pointer = z.infer<typeof pointerSchema>;

const placedPointerSchema = pointerSchema.extend({
  /** Where the round is asked; both are absent in pointers of the version before. A newer one may have a word of its own. */
  channel: z.string().optional(),
  /** With EXTERNAL; null otherwise. */
  nodeId: z.string().nullish(),
});

const roundPlaceSchema = z.object({
  round: z.object({ subject: subjectSchema, generation: z.int() }),
});

/** Where the round of an approval's pointer is; undefined in pointers of the version before. */
export const placeOfRound = (
  item: Readonly<Record<string, unknown>>,
): Pick<Round, 'subject' | 'generation'> | undefined => roundPlaceSchema.safeParse(item).data?.round;

/** Whose event it is. */
export interface Sender {
  channel: ChannelName;
  nodeId?: string;
}

/**
 * Reads a pointer, strongly consistent. undefined: there is none, or its round is asked elsewhere (docs/lessons.md 42).
 */
export async function readPointer(
  { documents, tableName }: { documents: DynamoDBDocumentClient; tableName: string },
  key: { pk: string; sk: string },
  sender: Sender,
): Promise<Pointer | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }),
  );
  if (!Item) return undefined;
  const { channel, nodeId, ...pointer } = placedPointerSchema.parse(Item);
  const isOther = channel !== undefined && isKnown(CHANNELS, channel) && channel !== sender.channel;
  const isOtherNode = sender.nodeId !== undefined && nodeId && nodeId !== sender.nodeId;
  return isOther || isOtherNode ? undefined : pointer;
}
