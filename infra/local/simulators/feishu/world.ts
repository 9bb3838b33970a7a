import type { Clock } from '../kit/clock.ts';
import type { DefinitionBody, FlowNode } from './definition-rules.ts';
import type { EndpointName } from './endpoint-names.ts';
import type { Faults } from './faults.ts';
import type { WidgetValue } from './form-values.ts';
import type { InstanceSwitches } from './instance-switches.ts';
import type { AppKeys } from './keys.ts';
import type { Directory } from './people.ts';
import type { Refusal } from './refusal.ts';
import type { Grants } from './scopes.ts';
import type { Resources } from './texts.ts';
import type { Tokens } from './tokens.ts';
import type { Widget } from './widgets.ts';

/** The state of one simulated tenant with one app. */
export interface World {
  readonly clock: Clock;
  readonly app: AppIdentity;
  readonly people: Directory;
  readonly tokens: Tokens;
  readonly faults: Faults;
  /** Behaviour that the documentation does not specify, as chosen for this run. */
  readonly undocumented: Undocumented;
  readonly grants: Grants;
  readonly switches: InstanceSwitches;
  readonly definitions: Map<string, Definition>;
  readonly subscriptions: Set<string>;
  /** By instance code. Never emptied: a uuid is used up for ever. */
  readonly instances: Map<string, Instance>;
  /** The same instances by uuid, in lower case. */
  readonly instancesByUuid: Map<string, Instance>;
  readonly messages: SentMessage[];
  /** Sends the events of changes to an instance, in this order. */
  announce(instance: Instance, changes: readonly StatusChange[]): void;
}

/** The keys are the present ones; a rotation changes them. */
export interface AppIdentity extends AppKeys {
  name: string;
  tenantKey: string;
  botOpenId: string;
}

/** Undocumented answers of Feishu (docs/feishu.md 14 and 15). */
export interface Undocumented {
  cancelByStranger: () => Refusal;
  cancelFinished: () => Refusal;
  /** The status of a revoked approved instance in GET: PENDING according to the guide, CANCELED to the FAQ. */
  revertedShowsAs: 'PENDING' | 'CANCELED';
}

export const DEFINITION_STATES = ['ACTIVE', 'INACTIVE', 'DELETED'] as const;

export interface Definition {
  approvalCode: string;
  approvalId: string;
  status: (typeof DEFINITION_STATES)[number];
  body: DefinitionBody;
  widgets: Widget[];
  nodes: FlowNode[];
  /** Seconds, part of its widget ids: a new value after each write. */
  stamp: number;
  /** How many times its content was written: 1 after creation. */
  writes: number;
}

type InstanceStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'CANCELED' | 'DELETED';
export type TaskStatus = 'PENDING' | 'APPROVED' | 'REJECTED' | 'TRANSFERRED' | 'DONE';
export type TaskType = 'AND' | 'OR' | 'SEQUENTIAL' | 'AUTO_PASS' | 'AUTO_REJECT';

export interface Task {
  id: string;
  /** Empty for an automatic pass or rejection. */
  openId: string;
  status: TaskStatus;
  type: TaskType;
  /** The node as it was when the instance was created. */
  node: FlowNode;
  startTime: number;
  endTime: number;
}

export interface TimelineEntry {
  type: string;
  at: number;
  openId: string;
  taskId?: string;
  /** The node of the entry; the start and the end of an instance have none. */
  nodeKey?: string;
  comment?: string;
  openIds?: string[];
}

export interface Comment {
  id: string;
  openId: string;
  text: string;
  at: number;
  updatedAt: number;
  parentId?: string;
}

export interface Instance {
  instanceCode: string;
  serialNumber: string;
  uuid?: string;
  definition: Definition;
  /** The nodes of the definition at creation: an overwrite does not change running instances. */
  nodes: FlowNode[];
  widgets: Widget[];
  initiator: string;
  /** Chosen or configured approvers by the caller's node id. */
  approvers: Map<string, string[]>;
  autoApproved: Set<string>;
  form: WidgetValue[];
  title?: string;
  resources: Resources;
  forbidRevoke: boolean;
  status: InstanceStatus;
  /** Closed by a time limit, which GET does not show. */
  overtime: boolean;
  /** What GET returns instead while it is closed by a time limit. */
  overtimeShownAs: 'PENDING' | 'REJECTED';
  reverted: boolean;
  startTime: number;
  endTime: number;
  /** Index of the current node. */
  at: number;
  /** People who get a task later at the current node, in order. */
  waiting: string[];
  tasks: Task[];
  timeline: TimelineEntry[];
  comments: Comment[];
  /** The instance before the last act, for stale reads. */
  before?: Omit<Instance, 'before'>;
}

type InstanceEventStatus =
  | 'PENDING'
  | 'APPROVED'
  | 'REJECTED'
  | 'CANCELED'
  | 'DELETED'
  | 'REVERTED'
  | 'OVERTIME_CLOSE'
  | 'OVERTIME_RECOVER';
export type TaskEventStatus =
  | 'PENDING'
  | 'APPROVED'
  | 'REJECTED'
  | 'TRANSFERRED'
  | 'ROLLBACK'
  | 'DONE'
  | 'REVERTED'
  | 'OVERTIME_CLOSE'
  | 'OVERTIME_RECOVER';

/** A change of the status of an instance or of one of its tasks, at `at` (milliseconds). */
export type StatusChange =
  | { what: 'instance'; status: InstanceEventStatus; at: number }
  | { what: 'task'; status: TaskEventStatus; task: Task; at: number; extra?: string };

export interface SentMessage {
  messageId: string;
  to: string;
  type: string;
  content: string;
  uuid?: string;
  at: number;
}

export interface Call {
  endpoint: EndpointName;
  params: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
}
