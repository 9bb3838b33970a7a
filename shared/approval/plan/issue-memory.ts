import * as z from 'zod';
import { storedSchema } from '../../runtime/stored-items.ts';
import { subjectSchema } from './round.ts';

/** A range of rounds of one subject, by generation, both ends included. */
const pastRangeSchema = z.object({ subject: subjectSchema, from: z.int(), to: z.int() });
export type PastRange = z.infer<typeof pastRangeSchema>;

/** For how many days after the end of an issue its items are kept. Absent: for ever. */
export interface RetentionDays {
  /** Rounds and their pointers. */
  roundDays?: number | undefined;
  /** What each request showed. */
  shownDays?: number | undefined;
}

/** For how long the items of an issue that is over are kept (`retention.ts`). Absent days: for ever. */
const itemRetentionSchema = z.object({
  /** From when the days count, ISO 8601 UTC: the issue was over, and nothing was left to do. */
  since: z.string(),
  roundDays: z.int().optional(),
  shownDays: z.int().optional(),
  /** Not all items say so yet. `after`: the sort key of the last round whose items do; absent: none. */
  left: z.object({ after: z.string().optional() }).optional(),
});
export type ItemRetention = z.infer<typeof itemRetentionSchema>;

/**
 * What the issue memory stores. It remembers what rounds cannot, such as the stage at which the issue was last seen.
 */
const issueMemoryMembers = z.object({
  issueId: z.string(),
  /** Null if the issue is at no stage, or deleted. */
  stageId: z.string().nullable(),
  /** Grows by one each time the issue is seen at another stage, or is known to have come back to this one. */
  arrival: z.int(),
  /** `bell.seq` on arrival at the stage. */
  bellSeq: z.int(),
  /**
   * The highest `bell.seq` that the creator is known to have rung at the stage. Absent in items of the previous
   * version.
   */
  rung: z.int().optional(),
  /** Grows by one each time the issue is seen to be deleted. */
  life: z.int().default(0),
  /** The issue was last seen to be deleted. */
  absent: z.literal(true).optional(),
  /** The highest sequence number of an arrival that a hint reported, by the ARN of the stream of the Issues table. */
  highest: z.record(z.string(), z.string()).optional(),
  /**
   * The stream whose highest number is that of the present arrival. Absent while no hint has reported this arrival.
   */
  numberedBy: z.string().optional(),
  /** Past rounds, which a reconcile does not read unless a hint names one (`past-rounds.ts`). */
  past: z.array(pastRangeSchema).optional(),
  /**
   * While it is present, items of the issue may have `expiresAt`. It is written before the first of them gets it, and
   * removed after the last of them has lost it.
   */
  retention: itemRetentionSchema.optional(),
  /** Rounds of the issue may have expired, so that DynamoDB has deleted them. */
  expired: z.literal(true).optional(),
});
export const issueMemorySchema = storedSchema(issueMemoryMembers);
export type IssueMemory = z.infer<typeof issueMemorySchema>;
