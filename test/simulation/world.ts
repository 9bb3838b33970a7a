import type { Tenant } from '../../infra/local/simulators/feishu/tenant.ts';
import type { OaApprovalRecord } from '../../infra/local/simulators/oa/approvals.ts';
import type { Oa } from '../../infra/local/simulators/oa/oa.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import type { FeishuSettings } from '../../shared/settings/settings.ts';
import type { ManualClock } from '../support/clock.ts';
import type { CallInterceptor } from './call-interceptor.ts';
import type { FakeDynamoDb } from './dynamodb/fake-dynamodb.ts';
import type { FakeQueue } from './queue.ts';
import type { TableHistory } from './recorded-dynamodb.ts';

/**
 * The product on a virtual clock: its handlers, store, queue client, Feishu client and sweep run unchanged, between an
 * in-memory DynamoDB, an in-memory queue, and the simulators of Feishu and an OA. Nothing happens by itself: changes,
 * events and hints wait until a story delivers them.
 */
export interface World extends TableHistory {
  clock: ManualClock;
  interceptor: CallInterceptor;
  dynamo: FakeDynamoDb;
  queue: FakeQueue;
  tenant: Tenant;
  /** The OA behind the external node `oa`. */
  oa: Oa;
  /** The last state of every approval that the OA ever had. The OA itself may lose them. */
  oaApprovals: Map<string, OaApprovalRecord>;
  /** Events of Feishu and of the OA that wait for their delivery. */
  events: PendingEvent[];
  /** Errors of handlers. The invariants check that a fault explains each of them. */
  failures: unknown[];
  /** What the product logged. */
  logLines: string[];
  /** Whether a hint or a change of the Issues table was lost or given up. */
  hintsLost: boolean;
  /** Whether two workers handled one issue at once. The visibility timeout of the queue prevents that while it lasts. */
  workersOverlapped: boolean;
  /** Instances that people withdrew. The value says whether the product may have been withdrawing them, too. */
  withdrawnByPeople: Map<string, boolean>;
  /** Open instances that a cancel by the product closed. */
  canceled: Set<string>;
  /** Whether the settings ever turned off comments on withdrawn cards. */
  commentsOff: boolean;
  /** Instances that a time limit closed. */
  closedByLimit: Set<string>;
  /** Instances whose time limit was lifted again. */
  limitLifted: Set<string>;
  /** Whether Feishu was told to refuse calls or people. Then a round or a comment may fail for good. */
  refusalsExpected: boolean;
  /** Instances that a handler cancelled without having seen them open. */
  cancelsWithoutLook: string[];
  /** Delivers one message of the queue to the worker. Returns false if none is visible. */
  deliverHint(): Promise<boolean>;
  /** Delivers the last message again, to another worker. */
  deliverHintAgain(): Promise<void>;
  /** Delivers the next change to watch-issues. A failed delivery stays in the stream. Returns false if there is none. */
  deliverChange(): Promise<boolean>;
  /** Delivers the oldest waiting event, or the one at `index`. Returns false if none waits. */
  deliverEvent(index?: number): Promise<boolean>;
  /** Runs the sweep. Returns how much it found, or 1 if it did not end. */
  sweep(): Promise<number>;
  /** Delivers everything that can be delivered now, until nothing is left. */
  drain(): Promise<void>;
  /** Delivers everything for so many hours, and sweeps in each minute in which something is due. */
  rest(hours: number): Promise<void>;
  settings(): Promise<FeishuSettings>;
  saveSettings(changes: Partial<FeishuSettings>): Promise<void>;
  /** Saves the external node, or deletes it unless a live round needs it. */
  saveNode(configured: boolean): Promise<void>;
  rounds(): Round[];
  /** All rounds of an issue, read through the store. */
  roundsOf(issueId: string): Promise<Round[]>;
}

export interface PendingEvent {
  headers: Record<string, string>;
  body: string;
  /** The external node of an OA that sent the event; undefined for Feishu. */
  nodeId?: string;
  /** Gives the sender the status of the answer; undefined: no answer. */
  answer(status: number | undefined): void;
}
