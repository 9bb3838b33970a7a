import { createHash } from 'node:crypto';
import * as z from 'zod';
import { safeParse } from '../runtime/safe-parse.ts';

/** The message of a decrypted body, in either envelope (docs/feishu.md 4). */
export type WebhookMessage =
  | { kind: 'CHALLENGE'; challenge: string }
  | { kind: 'APPROVAL'; event: ApprovalEvent }
  /** An event that we do not use. */
  | { kind: 'OTHER'; type: string };

export interface ApprovalEvent {
  /**
   * The outer `uuid` in 1.0, `header.event_id` in 2.0. Repeats of an event have the same id. If 2.0 has none, the hash
   * of the event.
   */
  eventId: string;
  appId: string;
  /** The instance itself, or one approver's task. */
  about: 'INSTANCE' | 'TASK';
  definitionCode: string;
  /** If the event is about an instance that revokes another one: the code of that other one. */
  instanceCode: string;
  /** Any status of Feishu; UNKNOWN if it is not a text. Of an instance that revokes another one: REVERTED. */
  status: string;
  /** The `uuid` of the instance: our approvalId, in upper or lower case. */
  instanceUuid?: string;
}

const id = z.string().min(1).max(128);
/** Feishu's ids have 32 characters. The id goes on the queue, whose messages have a maximum size. */
const eventId = z.string().min(1).max(1024);

const approvalSchema = z.object({
  approval_code: id,
  instance_code: id,
  // The status is only a hint. An invalid one must not lose the event.
  status: z.string().min(1).max(64).catch('UNKNOWN'),
  uuid: z.string().optional().catch(undefined),
  /** The instance that this one revokes (docs/feishu.md 4.2a). */
  reverted_instance_code: id.optional().catch(undefined),
});

const challengeSchema = z.object({ type: z.literal('url_verification'), challenge: z.string() });
const envelope1Schema = z.object({
  uuid: eventId,
  event: z.object({ ...approvalSchema.shape, app_id: z.string(), type: z.string() }),
});
const envelope2Schema = z.object({
  // Some task events have no id (docs/feishu.md 4.2a).
  header: z.object({ event_id: z.union([eventId, z.literal('')]).nullish(), app_id: z.string() }),
  event: approvalSchema,
});

/** Enough to know the sender and the type. It is read before the rest is parsed. */
const anything = z.unknown().optional();
const outlineSchema = z.object({
  type: anything,
  token: anything,
  header: z.object({ token: anything, app_id: anything, event_type: anything }).optional().catch(undefined),
  event: z.object({ app_id: anything, type: anything }).optional().catch(undefined),
});

export interface Outline {
  envelope: 1 | 2;
  /** Undefined if the body has none. */
  token: unknown;
  /** Undefined if the body has none. A challenge has none. */
  appId: unknown;
  type: string | undefined;
}

/** Returns sender and type of a body; undefined if it is not an object. */
export function outlineOf(plain: unknown): Outline | undefined {
  const parsed = safeParse(outlineSchema, plain);
  if (!parsed.success) return undefined;
  const { type, token, header, event } = parsed.data;
  if (header) {
    return { envelope: 2, token: header.token, appId: header.app_id, type: textOf(header.event_type) };
  }
  return {
    envelope: 1,
    token,
    appId: event?.app_id,
    type: type === 'event_callback' ? textOf(event?.type) : type === 'url_verification' ? type : undefined,
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * Parses a body whose sender is verified. Returns undefined if it is invalid for its type. Accepts types that we do not
 * use.
 */
export function readMessage(plain: unknown): WebhookMessage | undefined {
  const { type, envelope = 1 } = outlineOf(plain) ?? {};
  switch (type) {
    case undefined:
      return undefined;
    case 'url_verification': {
      const challenge = safeParse(challengeSchema, plain);
      return challenge.success ? { kind: 'CHALLENGE', challenge: challenge.data.challenge } : undefined;
    }
    case 'approval_instance':
    case 'approval.instance.status_changed_v4':
      return readApproval(plain, envelope, 'INSTANCE');
    case 'approval_task':
    case 'approval.task.status_changed_v4':
      return readApproval(plain, envelope, 'TASK');
    default:
      return { kind: 'OTHER', type };
  }
}

function readApproval(
  plain: unknown,
  envelope: Outline['envelope'],
  about: ApprovalEvent['about'],
): WebhookMessage | undefined {
  if (envelope === 2) {
    const { data } = safeParse(envelope2Schema, plain);
    return (
      data && approval(data.header.event_id || contentId(about, plain), data.header.app_id, about, data.event)
    );
  }
  const { data } = safeParse(envelope1Schema, plain);
  return data && approval(data.uuid, data.event.app_id, about, data.event);
}

/**
 * Returns an id for an event without one: the SHA-256 of the event without its header, which may differ in each
 * delivery. Two equal events have the same id, which does no harm.
 */
function contentId(about: ApprovalEvent['about'], plain: unknown): string {
  const { event } = z.object({ event: z.unknown() }).parse(plain);
  return createHash('sha256')
    .update(JSON.stringify([about, event]), 'utf8')
    .digest('hex');
}

function approval(
  eventId: string,
  appId: string,
  about: ApprovalEvent['about'],
  event: z.infer<typeof approvalSchema>,
): WebhookMessage {
  const { reverted_instance_code: original } = event;
  const revokes = original !== undefined && original !== event.instance_code;
  return {
    kind: 'APPROVAL',
    event: {
      eventId,
      appId,
      about,
      definitionCode: event.approval_code,
      instanceCode: revokes ? original : event.instance_code,
      status: revokes ? 'REVERTED' : event.status,
      ...(event.uuid && { instanceUuid: event.uuid }),
    },
  };
}
