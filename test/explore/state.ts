import type { DynamoDBRecord } from 'aws-lambda';
import type { DatabaseSnapshot } from '../simulation/dynamodb/fake-dynamodb.ts';
import type { Card } from './card.ts';

/** When every state is (`normalise.ts`), epoch milliseconds. */
export const START = Date.parse('2026-03-01T08:00:00.000Z');

/**
 * A state of the small world: plain data, of which nothing is ever changed in place. To restore one is to point at it
 * again.
 */
export interface State {
  readonly tables: DatabaseSnapshot;
  /** Changes of the Issues table that watch-issues has not been given yet, in order. */
  readonly stream: readonly Change[];
  readonly queue: readonly Message[];
  /** Hints that were worked on and may come once more. */
  readonly past: readonly Message[];
  /** Deduplication ids of the last minutes that may come again. */
  readonly sent: readonly string[];
  /** What Feishu has to say, in order for each instance. */
  readonly events: readonly FeishuEvent[];
  readonly instances: readonly Instance[];
  readonly history: History;
  /** Where the issue was when the creator rang last; null: nowhere, or the worker has seen it elsewhere since. */
  readonly rungAt: string | null;
  /** By stage, how often the issue has come to it without being asked there since; none once all hints are worked on. */
  readonly spare: Readonly<Record<string, number>>;
  /** Epoch milliseconds; START, but for a moment after time has passed. */
  readonly now: number;
}

export interface Change {
  /** Its position in the stream. */
  readonly position: string;
  /** All else that the stream says of it. */
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
  /** Only events of the instance carry it, and not those of a task. */
  readonly uuid?: string;
  readonly about: 'INSTANCE' | 'TASK';
  readonly status: string;
}

/** One card, as Feishu has it. */
export interface Instance {
  readonly code: string;
  readonly uuid: string;
  readonly definitionCode: string;
  readonly initiator: string;
  /** Whom it was sent to. */
  readonly approver: string;
  readonly card: Card;
  readonly status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'CANCELED';
  /** It was revoked after it had been approved. */
  readonly reverted: boolean;
  readonly tasks: readonly InstanceTask[];
  readonly timeline: readonly TimelineEntry[];
  readonly comments: readonly string[];
  /** Events that it has caused so far. */
  readonly told: number;
}

export interface InstanceTask {
  readonly id: string;
  readonly openId: string;
  readonly status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'TRANSFERRED' | 'DONE';
}

export interface TimelineEntry {
  readonly type: string;
  readonly openId: string;
  readonly taskId?: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What has happened to a stage since its last request, by stage id; nothing is kept of one that was never sent. */
export type History = Readonly<Record<string, StageHistory>>;

export interface StageHistory {
  /** The last request. */
  readonly approvalId: string;
  /** Since it was opened. */
  readonly opened: Happened;
  /** Since it was closed, if it was decided or ended in a way after which nothing is sent by itself. */
  readonly closed?: Happened;
  /** SQL that the worker has read as asking since the stage was last approved, beside what was approved. */
  readonly asked?: readonly string[];
}

export interface Happened {
  /** Frabit changed something but the bell. */
  readonly written: boolean;
  /** The issue came to the stage. */
  readonly came: boolean;
  /** The creator rang. */
  readonly rang: boolean;
  /** The stage stood without a task that asks. */
  readonly rested: boolean;
}

export const NOTHING: Happened = { written: false, came: false, rang: false, rested: false };

/** What the worker would receive now: the head of a group, unless that is hidden. */
export function headOf({ queue, now }: Pick<State, 'queue' | 'now'>): Message | undefined {
  return headsOf(queue).find(({ visibleAt }) => visibleAt <= now);
}

function headsOf(queue: readonly Message[]): Message[] {
  const groups = new Set<string>();
  return queue.filter(({ group }) => !groups.has(group) && groups.add(group));
}

/** When something is next due, in epoch milliseconds. */
export function nextDueIn({ queue, tables, now }: State): number | undefined {
  const times = [
    ...headsOf(queue).map(({ visibleAt }) => visibleAt),
    ...tables.approvals.flatMap(({ attributes: { due, checkAfter } }) =>
      due && checkAfter?.S ? [Date.parse(checkAfter.S)] : [],
    ),
  ].filter((time) => time > now);
  return times.length > 0 ? Math.min(...times) : undefined;
}
