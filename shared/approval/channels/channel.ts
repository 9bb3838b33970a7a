import { isFeishuError } from '../../feishu/errors.ts';
import type { CloseReason, CommentKind, Ending } from '../../issue/approval-words.ts';
import type { IssueRecord } from '../../issue/record.ts';
import { CallError } from '../../runtime/errors.ts';
import type { Cover } from '../plan/cover.ts';
import type { Verdict } from '../plan/judge.ts';
import type { Round, SentForm } from '../plan/round.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { SubjectView } from '../plan/subject.ts';
import type { SentRequest } from '../store/store.ts';
import { REF_NAMES, type RefName } from './policies.ts';

/**
 * A channel: where a round is asked, such as Feishu or an OA. What the plan needs to know about it is its
 * `ChannelPolicy`. Every method that returns a promise rejects with a `ChannelError`. A request is composed once,
 * before the first attempt to send, and stored: later attempts send the same.
 */
export interface Channel {
  /**
   * Returns the approvers and the requester; `missing`: the e-mail of an approver whom the channel does not know.
   * @param options.fresh ignore cached people
   */
  findParticipants(
    round: Round,
    snapshot: Snapshot,
    options: { fresh: boolean },
  ): Promise<Participants | { missing: string }>;
  /**
   * Returns the next request, made from the record whose content the round has; rejects with `STALE` if the record
   * has other content. If earlier forms of the round were refused: the next form, made from the same record as the
   * first.
   */
  compose(round: Round, participants: Participants, snapshot: Snapshot): Promise<Composed>;
  /**
   * Learns from the form that has passed, and from those that were refused before it.
   * @param how.created the form passed in this very call, and was not found afterwards
   */
  learn(round: Round, how: { created: boolean }): Promise<void>;
  /** Sends the request. Safe to repeat: under one approvalId there is at most one request. */
  send(round: Round, request: SentRequest, snapshot: Snapshot): Promise<Sighting>;
  /** Returns the state of the request; undefined if the channel has none. Only for a round whose send was begun. */
  look(round: Round, snapshot: Snapshot): Promise<Sighting | undefined>;
  /** Withdraws the request. Only after a look that showed it open. */
  withdraw(round: Round, snapshot: Snapshot): Promise<void>;
  /** Whether the round has everything that a withdrawal needs. */
  canWithdraw(round: Round): boolean;
  /** Whether this error is permanent, so that nothing more can be done about the request. */
  isLostForGood(round: Round, error: ChannelError, snapshot: Snapshot): boolean;
  /**
   * Whether to give up a withdrawal that failed with this error: the successor is sent, and the request is closed
   * later.
   */
  isGivenUp(round: Round, error: ChannelError, snapshot: Snapshot): boolean;
  /**
   * Returns where the request of a new round goes, and who is asked; rejects with `STALE` if nobody is to be asked.
   */
  addressOf(record: IssueRecord, view: SubjectView, snapshot: Snapshot): Address;
  /** Returns what a refused send means. */
  readRefusal(error: ChannelError): Refusal;
  /** Whether this error of a send may be an outage or a refusal. The documentation of the channel allows both. */
  isDoubtful(error: ChannelError): boolean;
  /**
   * Returns what is known about sends that succeeded. `since`: one succeeded after the given time. `asLarge`: one as
   * large as this form succeeded.
   * @param since ISO 8601
   */
  passed(round: Round, form: SentForm, since: string): Promise<{ since: boolean; asLarge: boolean }>;
  /** Returns the error of a round, with a sentence for those who read the record (docs/contract.md 1). */
  explain(problem: Problem): NonNullable<Round['error']>;
  /** Returns what a round stores about a call that failed for a reason that is not about the issue. */
  afterFailure(round: Round, error: ChannelError): Partial<Round>;
  /** Comments on requests. Absent if the channel has none (`hasComments` of its policy). */
  readonly comments?: Comments;
  /** Reminds the approver that the request waits for them. Absent if the channel has no reminders. */
  remind?(round: Round, reminder: Reminder): Promise<void>;
  /** How often a send that gets no answer is tried in one action. */
  readonly sendTries: number;
  /** Whether an answered withdrawal is final, so that no look follows it. */
  readonly trustsWithdrawal: boolean;
}

export interface Comments {
  /** Whether a comment can be written on this round's request. */
  canWrite(round: Round, snapshot: Snapshot): boolean;
  /** Returns the text of a comment. It depends only on its arguments. */
  textOf(kind: CommentKind, details: CommentDetails): string;
  /** Returns the texts that the request does not show yet. */
  findMissing(round: Round, texts: readonly string[]): Promise<string[]>;
  write(round: Round, text: string, snapshot: Snapshot): Promise<void>;
}

export interface CommentDetails {
  /** Why the request was withdrawn. Only the comment WITHDRAWN uses it. */
  reason?: CloseReason | Ending | undefined;
  /** E-mail of the approver of the next request. Only the comment WITHDRAWN uses it. */
  successor?: string | undefined;
}

export interface Reminder {
  issue: string;
  stage: string;
  url: string;
  waitedMs: number;
  /** The same for every attempt of one reminder. */
  uuid: string;
}

export type Address = Pick<Round, 'approvers' | 'appId' | 'domain' | 'definitionCode' | 'nodeId'>;

/**
 * What a refused send means. PARAMETERS: another form may pass. PERSON: the channel no longer knows one of the
 * people. FINAL: the round fails. LATER: the send is tried again, because the reasons are those of the channel and
 * may change.
 */
export type Refusal = 'PARAMETERS' | 'PERSON' | 'FINAL' | 'LATER';

/** A problem for which `explain` returns the error. */
export type Problem =
  | { kind: 'UNKNOWN_PERSON'; email: string }
  | { kind: 'REFUSED'; detail: string | undefined }
  | { kind: 'DECIDED_BY_ANOTHER'; decidedBy: string | undefined }
  | { kind: 'DECIDED_AUTOMATICALLY'; result: 'APPROVED' | 'REJECTED' }
  | { kind: 'WITHDRAWAL_REFUSED'; error: ChannelError | undefined };

/**
 * A composed request. `cover`: the tasks that it covers, if it is for a stage. `none`: there is none, because every
 * form was refused (REFUSED), or because the forms that are left do not show every statement whole and the settings
 * require that (CUT).
 */
export type Composed = { request: SentRequest; form?: SentForm; cover?: Cover } | { none: 'REFUSED' | 'CUT' };

export type Participants = Pick<Round, 'approvers' | 'requester'>;

/** Whether both have the same people, or the same bot. */
export const sameParticipants = (one: Participants, other: Participants): boolean =>
  one.requester.userId === other.requester.userId &&
  one.approvers.every(({ userId }, index) => userId === other.approvers[index]?.userId);

/** What a look found about a request. */
export interface Sighting {
  ref: Partial<Pick<Round, RefName>>;
  /** This round made it, and not somebody else under the same id. */
  ours: boolean;
  verdict: Verdict;
  /** It was revoked after it had been approved. */
  reverted: boolean;
  /** It waits for the approver who was asked. Absent if the channel does not report it. */
  waitsForApprover?: boolean;
}

/** A failed call of a channel. UUID_CONFLICT: the id of the request was used before. */
export type ChannelError = CallError<'REFUSED' | 'SETUP' | 'UNAVAILABLE' | 'RATE_LIMITED' | 'UUID_CONFLICT'>;

export const isChannelError = (error: unknown): error is ChannelError => error instanceof CallError;

/** Returns the id that the channel gave the request; undefined while it is not known. */
export const refOf = (round: Round): string | undefined =>
  REF_NAMES.map((name) => round[name]).find((ref) => ref !== undefined);

/** Returns the log fields of a failed call: only codes. */
export const errorFields = (error: ChannelError): Record<string, string | number | undefined> => ({
  code: error.code,
  ...(isFeishuError(error) ? { feishuCode: error.feishuCode } : { httpStatus: error.httpStatus }),
});
