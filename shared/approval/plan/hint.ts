import * as z from 'zod';
import { TRIGGERS } from '../../issue/triggers.ts';
import { storedSchema } from '../../runtime/stored.ts';

/**
 * A hint on the work queue: "look at this issue again". It may be lost, repeated, late or out of order;
 * nothing in it is ever taken for the truth (docs/design.md 1). A kind that this version does not know
 * is refused, and its message ends among the dead letters: the version that knows it redrives it (ADR 15).
 */
const feishuEvent = {
  /** The event's own id, which deduplicates it. */
  eventId: z.string(),
  appId: z.string(),
  definitionCode: z.string(),
  instanceCode: z.string(),
  /** Which event spoke: of the instance, or of one approver's task. */
  about: z.enum(['INSTANCE', 'TASK']),
  /** Feishu's word, e.g. APPROVED, TRANSFERRED, OVERTIME_CLOSE; unknown ones are kept as they came. */
  status: z.string(),
};

/** Of a change in a stream of DynamoDB: decimal, at most 40 digits (DynamoDB Streams API, StreamRecord). */
export const SEQUENCE_NUMBER = /^\d{1,40}$/;

const hintKinds = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('RECORD_CHANGED'),
    issueId: z.string(),
    triggers: z.array(z.enum(TRIGGERS)),
    /** Set when this change brought the issue to a stage: its bell at that moment, and the place in the stream. */
    arrived: z
      .object({
        stageId: z.string(),
        bellSeq: z.int(),
        /** Both are absent in hints of the version before. */
        streamArn: z.string().optional(),
        /** As of `SEQUENCE_NUMBER`; any other text is as good as none. */
        sequenceNumber: z.string().optional(),
      })
      .optional(),
    /** Set when the creator rang: where the issue was, and the `bell.seq`. Absent in hints of the version before. */
    rang: z.object({ stageId: z.string(), seq: z.int() }).optional(),
  }),
  z.object({
    kind: z.literal('FEISHU_EVENT'),
    issueId: z.string(),
    approvalId: z.string(),
    ...feishuEvent,
  }),
  /** An OA says that something has changed; what it is, is read from the OA. */
  z.object({
    kind: z.literal('EXTERNAL_EVENT'),
    issueId: z.string(),
    approvalId: z.string(),
    /** The node whose key signed the event; absent in hints of the version before. */
    nodeId: z.string().optional(),
    /** Hex SHA-256 over the node and the message's own id, which deduplicates it. */
    eventId: z.string(),
  }),
  /** An instance of our definition that no pointer knows yet; the worker finds its issue with a GET. */
  z.object({ kind: z.literal('UNKNOWN_INSTANCE'), ...feishuEvent }),
  /** The sweep: these rounds are due, or the issue's plan has a step. */
  z.object({
    kind: z.literal('DUE'),
    issueId: z.string(),
    approvalIds: z.array(z.string()),
    /** The set-up may have been mended: what failed for want of it is tried whatever its time. */
    resync: z.literal(true).optional(),
  }),
]);
export const hintSchema = storedSchema(hintKinds);
export type Hint = z.infer<typeof hintSchema>;

/** The work queue as senders see it. */
export interface WorkQueue {
  /**
   * Stores a hint. `deduplicationId`: stream eventID, Feishu's event id, or the sweep's issue + minute.
   * Rejects with a retryable AppError when the queue is out of reach.
   */
  send(hint: Hint, deduplicationId: string): Promise<void>;
}
