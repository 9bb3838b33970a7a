/**
 * Words for approvals (docs/contract.md 1, "What we write back"). They are stored on rounds, written to the issue
 * record, and used in texts for people.
 */

export const LIVE_STATES = ['REQUESTED', 'PENDING'] as const;
export const CLOSED_STATES = [
  'APPROVED',
  'REJECTED',
  'WITHDRAWN',
  'CANCELED',
  'EXPIRED',
  'DELETED',
  'REVERTED',
  'FAILED',
] as const;
export const CLOSE_REASONS = [
  'SUPERSEDED',
  'BELL',
  'ISSUE_CLOSED',
  'ISSUE_DELETED',
  'STAGE_LEFT',
  'APPROVED_IN_FRABIT',
  'NO_ASSIGNEE',
  'CHECK_ERROR',
  'FLOW_CHANGED',
  'EXPIRED_BY_US',
  'DISABLED',
  'RESENT',
  'TOO_LARGE_TO_SHOW',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Other ends of a round whose card may still stand open and must then be withdrawn. */
export const ENDINGS = [
  'REJECTED',
  'CANCELED',
  'EXPIRED',
  'DELETED',
  'REVERTED',
  'FAILED',
] as const satisfies readonly (typeof CLOSED_STATES)[number][];
export type Ending = (typeof ENDINGS)[number];

/** What a comment on a card says. */
export const COMMENT_KINDS = [
  'CONTENT_MOVED_ON',
  'WITHDRAWN',
  'TRANSFERRED',
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
  'LATE_DECISION',
] as const;
export type CommentKind = (typeof COMMENT_KINDS)[number];

/**
 * Why a stage that needs approval is not being sent (docs/contract.md 1, `approvalHold`). The first that applies
 * counts.
 */
export const HOLDS = [
  'DISABLED',
  'FLOW_REJECTED',
  'FLOW_PENDING',
  'NO_ASSIGNEE',
  'CHECK_ERROR',
  'CHECK_RUNNING',
  'WAITING_FOR_BELL',
  'TOO_LARGE_TO_SHOW',
] as const;
export type Hold = (typeof HOLDS)[number];
