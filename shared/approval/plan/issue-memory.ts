import * as z from 'zod';
import { storedSchema } from '../../runtime/stored.ts';
import { subjectSchema } from './round.ts';

/** Rounds of one subject, by generation, both ends included. */
const pastRangeSchema = z.object({ subject: subjectSchema, from: z.int(), to: z.int() });
export type PastRange = z.infer<typeof pastRangeSchema>;

/** What remembers what rounds cannot: the stage an issue was last seen at. */
const issueMemoryMembers = z.object({
  issueId: z.string(),
  /** null: at no stage, or deleted. */
  stageId: z.string().nullable(),
  /** Grows by one each time the issue is seen at another stage, or known to have come back to this one. */
  arrival: z.int(),
  /** `bell.seq` on arrival at the stage. */
  bellSeq: z.int(),
  /** The highest `bell.seq` that the creator is known to have rung at the stage; absent in items of the version before. */
  rung: z.int().optional(),
  /** Grows by one each time the issue is seen to be deleted. */
  life: z.int().default(0),
  /** It is deleted, as far as is known. */
  absent: z.literal(true).optional(),
  /** By the ARN of a stream of the Issues table: the highest sequence number of an arrival that a hint told of. */
  highest: z.record(z.string(), z.string()).optional(),
  /** The stream whose highest number is that of the present arrival; absent: no hint has told of it yet. */
  numberedBy: z.string().optional(),
  /** Rounds that are not read any more but by who shows them, or where a hint names one (`past-rounds.ts`). */
  past: z.array(pastRangeSchema).optional(),
});
export const issueMemorySchema = storedSchema(issueMemoryMembers);
export type IssueMemory = z.infer<typeof issueMemorySchema>;
