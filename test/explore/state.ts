import type { DynamoDBRecord } from 'aws-lambda';
import type { DatabaseSnapshot } from '../simulation/dynamodb/fake-dynamodb.ts';
import type { Card } from './card.ts';

/** The time of every normalised state (`normalise.ts`), in epoch milliseconds. */
export const START = Date.parse('2026-03-01T08:00:00.000Z');

/** A state of the small world. It is plain data and never changed in place, so a state is restored without a copy. */
export interface State {
  readonly tables: DatabaseSnapshot;
  /** Changes of the Issues table that watch-issues has not received yet, in order. */
  readonly stream: readonly Change[];
  readonly queue: readonly Message[];
  /** Handled hints that the queue can deliver again. */
  readonly handled: readonly Message[];
  /** Deduplication ids of the last minutes. */
  readonly sentIds: readonly string[];
  /** Events that Feishu has not sent yet, in order for each instance. */
  readonly events: readonly FeishuEvent[];
  readonly instances: readonly Instance[];
  readonly history: History;
  /**
   * The stage at which the creator rang last. Null if nobody rang, or the worker has seen the issue at another stage
   * since.
   */
  readonly rungStage: string | null;
  /** How many arrivals at each stage have sent nothing yet. Empty once all hints are handled. */
  readonly unaskedArrivals: Readonly<Record<string, number>>;
  /** Epoch milliseconds. It is START again after each normalisation. */
  readonly now: number;
}

export interface Change {
  /** Position in the stream. */
  readonly position: string;
  /** The stream record without its position. */
  readonly record: DynamoDBRecord;
}

export interface Message {
  readonly group: string;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly visibleAt: number;
}

export interface FeishuEvent {
  readonly eventId: string;
  readonly instanceCode: string;
  /** In events about the instance only, not in those about a task. */
  readonly uuid?: string;
  readonly about: 'INSTANCE' | 'TASK';
  readonly status: string;
}

/** An approval instance as Feishu stores it. */
export interface Instance {
  readonly code: string;
  readonly uuid: string;
  readonly definitionCode: string;
  readonly initiator: string;
  /** The approver of the create call. */
  readonly approver: string;
  readonly card: Card;
  readonly status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'CANCELED';
  /** True if it was canceled after it had been approved. */
  readonly reverted: boolean;
  readonly tasks: readonly InstanceTask[];
  readonly timeline: readonly TimelineEntry[];
  readonly comments: readonly string[];
  /** Number of its events so far. */
  readonly eventCount: number;
}

export interface InstanceTask {
  readonly id: string;
  readonly openId: string;
  readonly status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'TRANSFERRED' | 'DONE';
}

/** Types of timeline entries, by the decision that they show. */
export const TIMELINE_TYPES: Readonly<Record<string, string>> = { APPROVED: 'PASS', REJECTED: 'REJECT' };

export interface TimelineEntry {
  readonly type: string;
  readonly openId: string;
  readonly taskId?: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What happened to each stage since its last round, by stage id. A stage that was never sent has no entry. */
type History = Readonly<Record<string, StageHistory>>;

export interface StageHistory {
  /** The last round. */
  readonly approvalId: string;
  /** Since the round was opened. */
  readonly opened: Happened;
  /** Since the round was closed, if it was approved or nothing is sent after it without a trigger. */
  readonly closed?: Happened;
  /** SQL of tasks that the worker has seen asking since the stage was last approved, and that was not approved. */
  readonly asked?: readonly string[];
}

export interface Happened {
  /** Frabit changed something other than the bell. */
  readonly written: boolean;
  /** The issue came to the stage. */
  readonly came: boolean;
  /** The creator rang. */
  readonly rang: boolean;
  /** For a time the stage had no task that asks. */
  readonly rested: boolean;
}

export const NOTHING_HAPPENED: Happened = { written: false, came: false, rang: false, rested: false };

/** Returns the message that the worker receives next: the first of a group, if it is not hidden. */
export function headOf({ queue, now }: Pick<State, 'queue' | 'now'>): Message | undefined {
  return headsOf(queue).find(({ visibleAt }) => visibleAt <= now);
}

function headsOf(queue: readonly Message[]): Message[] {
  const groups = new Set<string>();
  return queue.filter(({ group }) => !groups.has(group) && groups.add(group));
}

/** Returns when something is next due, in epoch milliseconds. */
export function nextDueIn({ queue, tables, now }: State): number | undefined {
  const times = [
    ...headsOf(queue).map(({ visibleAt }) => visibleAt),
    ...tables.approvals.flatMap(({ attributes: { due, checkAfter } }) =>
      due && checkAfter?.S ? [Date.parse(checkAfter.S)] : [],
    ),
  ].filter((time) => time > now);
  return times.length > 0 ? Math.min(...times) : undefined;
}
