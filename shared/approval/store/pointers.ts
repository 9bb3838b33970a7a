import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { isKnown } from '../../runtime/stored-items.ts';
import { CHANNELS, type ChannelName } from '../channels/policies.ts';
import { type Round, subjectSchema } from '../plan/round.ts';

/**
 * A pointer from an approvalId or an instance code to the issue and round. The parsed pointer goes into hints and is
 * never written back, so members of a newer version are dropped.
 */
export const pointerSchema = z.object({ issueId: z.string(), approvalId: z.string() });
export type Pointer = z.infer<typeof pointerSchema>;

const placedPointerSchema = pointerSchema.extend({
  /**
   * The channel of the round. This and `nodeId` are absent in pointers of the previous version. A newer version may
   * have other values.
   */
  channel: z.string().optional(),
  /** For EXTERNAL: the node; null otherwise. */
  nodeId: z.string().nullish(),
});

const roundPlaceSchema = z.object({
  round: z.object({ subject: subjectSchema, generation: z.int() }),
});

/** Returns the subject and generation of the round of a pointer; undefined for pointers of the previous version. */
export const placeOfRound = (
  item: Readonly<Record<string, unknown>>,
): Pick<Round, 'subject' | 'generation'> | undefined => roundPlaceSchema.safeParse(item).data?.round;

/** The channel, and for an OA the node, that sent an event. */
export interface Sender {
  channel: ChannelName;
  nodeId?: string;
}

/**
 * Reads a pointer with strong consistency. Undefined if there is none, or if its round is asked elsewhere
 * (docs/lessons.md 42).
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
