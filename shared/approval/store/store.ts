import * as z from 'zod';
import type { Image } from '../../runtime/attribute-values.ts';
import { storedSchema } from '../../runtime/stored.ts';
import { REQUEST_SCHEMAS } from '../channels/policies.ts';
import type { WriteBack } from '../plan/action.ts';
import type { Approval } from '../plan/approval.ts';
import type { IssueMemory } from '../plan/issue-memory.ts';
import type { Round } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { Pointer } from './pointers.ts';

/**
 * Rounds, memory and the writes to the issue record. Reads are strongly consistent. Every write is a
 * compare-and-set: it rejects with the AppError `STALE` when what it was made from no longer stands, and with
 * `STORE_UNAVAILABLE` (retryable) when the database is out of reach or busy.
 */
export interface ApprovalStore {
  /**
   * Rounds that are past are not read, but for those that are named by approvalId (`past-rounds.ts`).
   * @param before the snapshot that the same run read last, if any: it saves a round trip to the database
   */
  read(issueId: string, named?: readonly string[], before?: Snapshot): Promise<Snapshot>;
  /** Every round of the issue, for who shows them. */
  readAllRounds(issueId: string): Promise<Round[]>;
  /** The last wanted round of the same subject before this one. */
  findEarlier(
    round: Pick<Round, 'issueId' | 'subject' | 'generation'>,
    isWanted: (round: Round) => boolean,
  ): Promise<Round | undefined>;
  /** Stores what the issue was last seen at; `before` is what was read. */
  remember(memory: IssueMemory, before: IssueMemory | undefined): Promise<void>;
  /** Puts a new round with its pointer and, in the same transaction, the change of the round before it. */
  open(round: Round, previous?: { before: Round; after: Round }): Promise<void>;
  /** Replaces a round on condition of its revision and state; what it shows goes along in the same transaction. */
  save(before: Round, after: Round, request?: SentRequest): Promise<Round>;
  /** What a round was sent with; undefined if no send was begun. */
  readRequest(approvalId: string): Promise<SentRequest | undefined>;
  /**
   * The one transaction that approves. Of a stage: `taskIds` from PENDING_APPROVAL to PENDING, and `approvedTasks`; of
   * a step: its `status`; of both the approval on the record, and the round — on condition that the record's stages, status, current stage,
   * assignee, flow and version are as they were read.
   */
  approve(change: ApprovedSubject): Promise<void>;
  /** Sets tasks back to PENDING_APPROVAL, on condition that each is exactly as it was read. */
  requireApproval(issueId: string, raw: Image, stageId: string, taskIds: readonly string[]): Promise<void>;
  /** Writes what changed of our attributes, and nothing else. */
  writeBack(issueId: string, raw: Image, change: WriteBack): Promise<void>;
  /** The issue of an approvalId (any case) or of an instance code. */
  findIssue(reference: { approvalId: string } | { instanceCode: string }): Promise<Pointer | undefined>;
}

export interface ApprovedSubject {
  before: Round;
  after: Round;
  raw: Image;
  /** Empty for a step. */
  taskIds: readonly string[];
  /** The entry of the stage in `approvedTasks`: taskId → task hash. Of no meaning for a step. */
  approvedTasks: Record<string, string>;
  /** As it is to stand on the record: of `after`. */
  approval: Approval;
}

/** What was shown: the request as sent. */
export const sentRequestSchema = storedSchema(z.union(REQUEST_SCHEMAS));
export type SentRequest = z.infer<typeof sentRequestSchema>;
