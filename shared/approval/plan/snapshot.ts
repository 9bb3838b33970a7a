import type { IssueRecord } from '../../issue/record.ts';
import type { Image } from '../../runtime/attribute-values.ts';
import type { ExternalNode } from '../../settings/external-nodes.ts';
import type { FeishuSettings } from '../../settings/settings.ts';
import type { Hint } from './hint.ts';
import type { IssueMemory, RetentionDays } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';

/**
 * The attributes that this product writes on the record, as read. Their form is not certain: Frabit may have put back
 * an older record.
 */
export interface WrittenBack {
  stageApprovals?: unknown;
  stepApprovals?: unknown;
  approvedTasks?: unknown;
  approvalHold?: unknown;
  approvalError?: unknown;
}

/**
 * The issue as read. `raw` is the item: conditions compare raw values, never values that were converted to numbers.
 */
export type IssueState =
  | { kind: 'VALID'; record: IssueRecord; ours: WrittenBack; raw: Image }
  | { kind: 'INVALID'; message: string; ours: WrittenBack; raw: Image }
  | { kind: 'ABSENT' };

/** A past round that was read and left out. */
export interface PastRound {
  subject: Subject;
  generation: number;
  /** Estimated size of its item. */
  bytes: number;
}

/** Everything a plan is made from. All of it is read with strong consistency. */
export interface Snapshot {
  issueId: string;
  issue: IssueState;
  /** The rounds that the plan needs, and those that hints name (`past-rounds.ts`). */
  rounds: readonly Round[];
  /** Rounds that were read and are not needed. */
  past?: readonly PastRound[];
  /**
   * All rounds of subjects that have a round unknown to this version (`unknown-rounds.ts`); absent if there are none.
   */
  unknown?: readonly Round[];
  memory: IssueMemory | undefined;
  settings: FeishuSettings | undefined;
  /** The configured external nodes. Not read, and empty, if no step or round is EXTERNAL. */
  nodes: readonly ExternalNode[];
  /** For how long items are kept. Absent where it is not known, as in the sweep: then no item is marked to expire. */
  retention?: RetentionDays | undefined;
}

/** Returns the value if it is a plain object, otherwise an empty object. */
export const asMap = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};

/** The hints of the message that is being handled. They only say where to look. */
export type Hints = readonly Hint[];
