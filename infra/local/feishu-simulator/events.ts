import { randomUUID } from 'node:crypto';
import type { AppIdentity, Instance, Task } from './world.ts';

/** Approval events of schema 1.0 (FEISHU 4.1). */

export type InstanceEventStatus =
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

/** Something that happened to an instance or to one of its tasks, at `at` (milliseconds). */
export type Happening =
  | { what: 'instance'; status: InstanceEventStatus; at: number }
  | { what: 'task'; status: TaskEventStatus; task: Task; at: number; extra?: string };

export interface Envelope {
  /** The event's id, the key to tell repeats by; not the instance's uuid. */
  uuid: string;
  ts: string;
  token: string;
  type: 'event_callback';
  event: Record<string, unknown>;
}

export function toEnvelope(
  app: AppIdentity,
  instance: Instance,
  happening: Happening,
  userIdOf: (openId: string) => string,
): Envelope {
  const shared = {
    app_id: app.appId,
    tenant_key: app.tenantKey,
    approval_code: instance.definition.approvalCode,
    instance_code: instance.instanceCode,
    status: happening.status,
  };
  return {
    uuid: randomUUID().replaceAll('-', ''),
    ts: `${Math.floor(happening.at / 1000)}.${String(happening.at % 1000).padStart(3, '0')}4719`,
    token: app.verificationToken,
    type: 'event_callback',
    event:
      happening.what === 'instance'
        ? {
            ...shared,
            type: 'approval_instance',
            // The platform sends a number here and a string everywhere else.
            operate_time: happening.status === 'REVERTED' ? happening.at : String(happening.at),
            instance_operate_time: String(happening.at),
            ...(instance.uuid === undefined ? {} : { uuid: instance.uuid }),
          }
        : {
            ...shared,
            type: 'approval_task',
            task_id: happening.task.id,
            open_id: happening.task.openId,
            user_id: userIdOf(happening.task.openId),
            operate_time: String(happening.at),
            custom_key: happening.task.node.id,
            def_key: happening.task.node.nodeId,
            extra: happening.extra ?? '',
          },
  };
}
