import type { IssueRecord } from '../../issue/record.ts';
import type { Image } from '../../runtime/attribute-values.ts';
import type { ExternalNode } from '../../settings/external-nodes.ts';
import type { FeishuSettings } from '../../settings/settings.ts';
import type { Hint } from './hint.ts';
import type { IssueMemory } from './issue-memory.ts';
import type { Round, Subject } from './round.ts';

/** What we have written onto the record, as it stands there. Its form is not certain: Frabit may have put an old record over it. */
export interface WrittenBack {
  stageApprovals?: unknown;
  stepApprovals?: unknown;
  approvedTasks?: unknown;
  approvalHold?: unknown;
  approvalError?: unknown;
}

/** `raw` is the item as read: conditions compare raw values, never ones that went through a number. */
export type IssueState =
  | { kind: 'VALID'; record: IssueRecord; ours: WrittenBack; raw: Image }
  | { kind: 'INVALID'; message: string; ours: WrittenBack; raw: Image }
  | { kind: 'ABSENT' };

/** A past round that was read and dropped. */
export interface PastRound {
  subject: Subject;
  generation: number;
  /** About as many as its item has. */
  bytes: number;
}

/** Everything a plan is made from; read strongly consistent. */
export interface Snapshot {
  issueId: string;
  issue: IssueState;
  /** Those that the plan needs, and those that hints name (`past-rounds.ts`). */
  rounds: readonly Round[];
  /** Rounds that were read and are not needed. */
  past?: readonly PastRound[];
  /** The same of subjects of which one is not known to this version (`unknown-rounds.ts`); absent: there is none. */
  unknown?: readonly Round[];
  memory: IssueMemory | undefined;
  settings: FeishuSettings | undefined;
  /** The configured nodes; not read, and empty, where no step or round is EXTERNAL. */
  nodes: readonly ExternalNode[];
}

/** A plain object, or an empty one in place of anything else. */
export const asMap = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};

/** The hints of the message at work; they only say where to look. */
export type Hints = readonly Hint[];
