import { randomUUID } from 'node:crypto';
import type { AppIdentity, Instance, StatusChange } from './world.ts';

/**
 * Approval events of schema 1.0 (docs/feishu.md 4.1), and of 2.0 if the tenant reports
 * revocations that way (docs/feishu.md 4.2a).
 */

export interface Envelope {
  /** The id of the event, the same at repeats; not the uuid of the instance. */
  uuid: string;
  ts: string;
  token: string;
  type: 'event_callback';
  event: Record<string, unknown>;
  /** If set, the event is sent in envelope 2.0 with this type. */
  eventType?: 'approval.instance.status_changed_v4';
}

/** Returns the event as it is sent; `token`: the present verification token. */
export function formatEnvelope({ eventType, ...first }: Envelope, token: string): Record<string, unknown> {
  if (eventType === undefined) return { ...first, token };
  const { app_id, tenant_key, type: _, ...event } = first.event;
  const create_time = String(event.operate_time);
  const header = { event_id: first.uuid, token, create_time, event_type: eventType, tenant_key, app_id };
  return { schema: '2.0', header, event };
}

/** Reports a revocation as another instance that names the revoked one. It does not contain the uuid. */
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
            // The platform sends a number here, and a string everywhere else.
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
