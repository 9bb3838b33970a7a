import { createHash } from 'node:crypto';
import * as z from 'zod';
import { safeParse } from '../runtime/safe-parse.ts';

/** What a decrypted body says, in either envelope (docs/feishu.md 4). */
export type WebhookMessage =
  | { kind: 'CHALLENGE'; challenge: string }
  | { kind: 'APPROVAL'; event: ApprovalEvent }
  /** An event that we have no use for. */
  | { kind: 'OTHER'; type: string };

export interface ApprovalEvent {
  /**
   * Outer `uuid` in 1.0, `header.event_id` in 2.0: repeats of an event carry the same. Where 2.0 has none: the hash of
   * what it says.
   */
  eventId: string;
  appId: string;
  /** The instance itself, or one approver's task. */
  about: 'INSTANCE' | 'TASK';
  definitionCode: string;
  /** Of a revocation that is an instance of its own: the code of the instance that it revokes. */
  instanceCode: string;
  /** Feishu's word, known to us or not; UNKNOWN when it is none. Of such a revocation always REVERTED. */
  status: string;
  /** The `uuid` that the instance was created with: our approvalId, in whatever case. */
  instanceUuid?: string;
}

const id = z.string().min(1).max(128);
/** Feishu's have 32 characters; it goes on the queue, whose messages are bounded. */
const eventId = z.string().min(1).max(1024);

const approvalSchema = z.object({
  approval_code: id,
  instance_code: id,
  // Only a hint at what to look for: a status that is no text, or no sensible one, must not lose the event.
  status: z.string().min(1).max(64).catch('UNKNOWN'),
  uuid: z.string().optional().catch(undefined),
  /** Of an instance that revokes another one: that one (docs/feishu.md 4.2a). */
  reverted_instance_code: id.optional().catch(undefined),
});

const challengeSchema = z.object({ type: z.literal('url_verification'), challenge: z.string() });
const envelope1Schema = z.object({
  uuid: eventId,
  event: z.object({ ...approvalSchema.shape, app_id: z.string(), type: z.string() }),
});
const envelope2Schema = z.object({
  // Some task events had no id (docs/feishu.md 4.2a).
  header: z.object({ event_id: z.union([eventId, z.literal('')]).nullish(), app_id: z.string() }),
  event: approvalSchema,
});

/** Enough to tell who speaks and of what; read before anything else is asked of the form. */
const anything = z.unknown().optional();
const outlineSchema = z.object({
  type: anything,
  token: anything,
  header: z.object({ token: anything, app_id: anything, event_type: anything }).optional().catch(undefined),
  event: z.object({ app_id: anything, type: anything }).optional().catch(undefined),
});

export interface Outline {
  envelope: 1 | 2;
  /** undefined when the body has none. */
  token: unknown;
  /** undefined when the body has none: a challenge never does. */
  appId: unknown;
  type: string | undefined;
}

/** undefined when the plaintext is no object at all. */
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
 * Reads a body whose sender has been verified; undefined when it breaks the form of its type.
 * Types that are not ours are never refused.
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
 * An id for an event that has none: SHA-256 of all that it says. Of the header, which may be written anew for each
 * delivery, nothing is in it; two events that say the same lead to the same.
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
