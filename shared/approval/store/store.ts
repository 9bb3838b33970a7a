import * as z from 'zod';
import type { Image } from '../../runtime/attribute-values.ts';
import { storedSchema } from '../../runtime/stored-items.ts';
import { REQUEST_SCHEMAS } from '../channels/policies.ts';
import type { WriteBack } from '../plan/action.ts';
import type { Approval } from '../plan/approval.ts';
import type { IssueMemory } from '../plan/issue-memory.ts';
import type { ExpiryTimes } from '../plan/retention.ts';
import type { Round } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { Pointer } from './pointers.ts';

/**
 * The store of rounds and issue memories, and of the writes to the issue record. Reads are strongly consistent. Every
 * write is conditional: it rejects with the AppError `STALE` if what it is based on has changed. Other errors are
 * retryable, too: `STORE_UNAVAILABLE` if the database cannot be reached or is busy, `STORE_REFUSED` if it does not
 * accept the write, `RIGHT_MISSING` if IAM denies it.
 */
export interface ApprovalStore {
  /**
   * Returns the snapshot of an issue. Past rounds are not read, except those that are named (`past-rounds.ts`).
   * @param named approvalIds that hints name
   * @param before the snapshot that the same run read last, if any: it saves a round trip to the database
   */
  read(issueId: string, named?: readonly string[], before?: Snapshot): Promise<Snapshot>;
  /** Returns every round of the issue, for those who show them. */
  readAllRounds(issueId: string): Promise<Round[]>;
  /** Returns the last round of the same subject before this one that is wanted. */
  findEarlier(
    round: Pick<Round, 'issueId' | 'subject' | 'generation'>,
    isWanted: (round: Round) => boolean,
  ): Promise<Round | undefined>;
  /**
   * Stores the issue memory.
   * @param before the memory as it was read
   */
  remember(memory: IssueMemory, before: IssueMemory | undefined): Promise<void>;
  /** Stores a new round with its pointer and, in the same transaction, the change of the round before it. */
  open(round: Round, previous?: { before: Round; after: Round }): Promise<void>;
  /**
   * Replaces a round, on condition that its revision and state are unchanged, and stores its request in the same
   * transaction. Resolves to the round as stored.
   */
  save(before: Round, after: Round, request?: SentRequest): Promise<Round>;
  /** Returns the stored request of a round; undefined if no send was begun. */
  readRequest(approvalId: string): Promise<SentRequest | undefined>;
  /**
   * Approves a stage or a step in one transaction. Of a stage it sets `taskIds` from PENDING_APPROVAL to PENDING, and
   * `approvedTasks`. Of a step it sets the `status`. Of both it writes the approval on the record, and the round. The
   * condition is that stages, status, current stage, assignee, flow and version of the record are as they were read.
   */
  approve(change: ApprovedSubject): Promise<void>;
  /** Sets tasks back to PENDING_APPROVAL, on condition that each is exactly as it was read. */
  requireApproval(issueId: string, raw: Image, stageId: string, taskIds: readonly string[]): Promise<void>;
  /** Writes what has changed of the attributes of this product, and nothing else. */
  writeBack(issueId: string, raw: Image, change: WriteBack): Promise<void>;
  /**
   * Sets when the items of rounds expire, or keeps them: `expiresAt` of a page of rounds in the order of their keys, of
   * their pointers, and of what they showed. Items that do not exist are left out. A round is written after its
   * pointers. Resolves to the sort key of the last round of the page; undefined after the last page.
   * @param after the sort key of the last round of the page before
   */
  setExpiry(issueId: string, times: ExpiryTimes, after: string | undefined): Promise<string | undefined>;
  /** Returns the pointer of an approvalId (in any case of letters) or of an instance code. */
  findIssue(reference: { approvalId: string } | { instanceCode: string }): Promise<Pointer | undefined>;
}

export interface ApprovedSubject {
  before: Round;
  after: Round;
  raw: Image;
  /** Empty for a step. */
  taskIds: readonly string[];
  /** The entry of the stage in `approvedTasks`: taskId → task hash. Not used for a step. */
  approvedTasks: Record<string, string>;
  /** The approval to write on the record, made from `after`. */
  approval: Approval;
}

/** The request of a round as it was sent: what the approver was shown. */
export const sentRequestSchema = storedSchema(z.union(REQUEST_SCHEMAS));
export type SentRequest = z.infer<typeof sentRequestSchema>;
