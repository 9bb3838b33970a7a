import { randomUUID } from 'node:crypto';
import type { AppIdentity, Instance, StatusChange } from './world.ts';

/** Approval events of schema 1.0 (FEISHU 4.1), and of 2.0 where the tenant tells a revocation so (FEISHU 4.2a). */

export interface Envelope {
  /** The event's id, the key to tell repeats by; not the instance's uuid. */
  uuid: string;
  ts: string;
  token: string;
  type: 'event_callback';
  event: Record<string, unknown>;
  /** Goes out in envelope 2.0, as an event of this type. */
  eventType?: 'approval.instance.status_changed_v4';
}

/** What is sent: `token` is the present one. */
export function formatEnvelope({ eventType, ...first }: Envelope, token: string): Record<string, unknown> {
  if (eventType === undefined) return { ...first, token };
  const { app_id, tenant_key, type: _, ...event } = first.event;
  const create_time = String(event.operate_time);
  const header = { event_id: first.uuid, token, create_time, event_type: eventType, tenant_key, app_id };
  return { schema: '2.0', header, event };
}

/** A revocation as an instance of its own, that names the one which it revokes; nothing of the uuid. */
export function toRevocation(app: AppIdentity, instance: Instance, at: number): Envelope {
  return {
    uuid: randomUUID().replaceAll('-', ''),
    ts: `${Math.floor(at / 1000)}`,
    token: app.verificationToken,
    type: 'event_callback',
    eventType: 'approval.instance.status_changed_v4',
    event: {
      app_id: app.appId,
      tenant_key: app.tenantKey,
      type: 'approval_instance',
      approval_code: instance.definition.approvalCode,
      instance_code: randomUUID().toUpperCase(),
      reverted_instance_code: instance.instanceCode,
      external_id: '',
      status: 'APPROVED',
      operate_time: String(at),
      start_user: { open_id: instance.initiator },
    },
  };
}

export function toEnvelope(
  app: AppIdentity,
  instance: Instance,
  change: StatusChange,
  userIdOf: (openId: string) => string,
): Envelope {
  const shared = {
    app_id: app.appId,
    tenant_key: app.tenantKey,
    approval_code: instance.definition.approvalCode,
    instance_code: instance.instanceCode,
    status: change.status,
  };
  return {
    uuid: randomUUID().replaceAll('-', ''),
    ts: `${Math.floor(change.at / 1000)}.${String(change.at % 1000).padStart(3, '0')}4719`,
    token: app.verificationToken,
    type: 'event_callback',
    event:
      change.what === 'instance'
        ? {
            ...shared,
            type: 'approval_instance',
            // The platform sends a number here and a string everywhere else.
            operate_time: change.status === 'REVERTED' ? change.at : String(change.at),
            instance_operate_time: String(change.at),
            ...(instance.uuid === undefined ? {} : { uuid: instance.uuid }),
          }
        : {
            ...shared,
            type: 'approval_task',
            task_id: change.task.id,
            open_id: change.task.openId,
            user_id: userIdOf(change.task.openId),
            operate_time: String(change.at),
            custom_key: change.task.node.id,
            def_key: change.task.node.nodeId,
            extra: change.extra ?? '',
          },
  };
}
