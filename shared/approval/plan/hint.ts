import * as z from 'zod';
import { TRIGGERS } from '../../issue/triggers.ts';
import { storedSchema } from '../../runtime/stored-items.ts';

/**
 * A hint on the work queue: "look at this issue again". It may be lost, repeated, late or out of order, and nothing
 * in it is taken as true (docs/design.md 1). Parsing refuses a kind that this version does not know. Its message
 * becomes a dead letter, which the version that knows the kind can redrive (ADR 15).
 */
const feishuEvent = {
  /** Feishu's id of the event, used for deduplication. */
  eventId: z.string(),
  appId: z.string(),
  definitionCode: z.string(),
  instanceCode: z.string(),
  /** What the event is about: the instance, or the task of one approver. */
  about: z.enum(['INSTANCE', 'TASK']),
  /** The status as Feishu names it, e.g. APPROVED, TRANSFERRED, OVERTIME_CLOSE. Unknown ones are kept unchanged. */
  status: z.string(),
};

/**
 * Sequence number of a change in a DynamoDB stream: decimal, at most 40 digits (DynamoDB Streams API, StreamRecord).
 */
export const SEQUENCE_NUMBER = /^\d{1,40}$/;

const hintKinds = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('RECORD_CHANGED'),
    issueId: z.string(),
    triggers: z.array(z.enum(TRIGGERS)),
    /**
     * Set when this change brought the issue to a stage. It holds the bell at that time and the place in the stream.
     */
    arrived: z
      .object({
        stageId: z.string(),
        bellSeq: z.int(),
        /** Both are absent in hints of the previous version. */
        streamArn: z.string().optional(),
        /** Must match `SEQUENCE_NUMBER`; any other text is ignored. */
        sequenceNumber: z.string().optional(),
      })
      .optional(),
    /**
     * Set when the creator rang: the stage of the issue at that time, and the `bell.seq`. Absent in hints of the
     * previous version.
     */
    rang: z.object({ stageId: z.string(), seq: z.int() }).optional(),
  }),
  z.object({
    kind: z.literal('FEISHU_EVENT'),
    issueId: z.string(),
    approvalId: z.string(),
    ...feishuEvent,
  }),
  /** An OA reports that something has changed. The change itself is read from the OA. */
  z.object({
    kind: z.literal('EXTERNAL_EVENT'),
    issueId: z.string(),
    approvalId: z.string(),
    /** The node whose secret signed the event. Absent in hints of the previous version. */
    nodeId: z.string().optional(),
    /** Hex SHA-256 of the node and the message's own id, used for deduplication. */
    eventId: z.string(),
  }),
  /** An instance of our definition that no pointer knows yet. The worker finds its issue with a GET. */
  z.object({ kind: z.literal('UNKNOWN_INSTANCE'), ...feishuEvent }),
  /** Sent by the sweep: these rounds are due, or the plan of the issue has an action. */
  z.object({
    kind: z.literal('DUE'),
    issueId: z.string(),
    approvalIds: z.array(z.string()),
    /** The set-up may have been fixed: calls that failed because of it are tried again now, whatever their time. */
    resync: z.literal(true).optional(),
  }),
]);
/** The schema of hints as stored in messages. */
export const hintSchema = storedSchema(hintKinds);
export type Hint = z.infer<typeof hintSchema>;

/** The work queue for senders. */
export interface WorkQueue {
  /**
   * Stores a hint. Rejects with a retryable AppError when the queue cannot be reached.
   * @param deduplicationId the eventID of the stream record, Feishu's event id, or the issue and the minute of the
   * sweep
   */
  send(hint: Hint, deduplicationId: string): Promise<void>;
}
