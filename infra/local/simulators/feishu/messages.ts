import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { idOf, type Person } from './people.ts';
import { parseJsonString, parseOrRefuse, Refusal } from './refusal.ts';
import type { Call, SentMessage, World } from './world.ts';

/** POST /im/v1/messages, as far as reminders need it (docs/feishu.md 6.1). */

const TEXT_BYTES = 150 * 1024;
const CARD_BYTES = 30 * 1024;
/** The same uuid sends at most one message in this time. */
const UUID_HOLDS_MS = 3_600_000;

const invalid = (message: string) =>
  new Refusal(400, 230001, `Your request contains an invalid request parameter: ${message}`);

const toSchema = z.enum(['open_id', 'union_id', 'user_id', 'email', 'chat_id']);
const bodySchema = z.object({
  receive_id: z.string().min(1),
  msg_type: z.enum([
    'text',
    'post',
    'interactive',
    'image',
    'file',
    'audio',
    'media',
    'sticker',
    'share_chat',
    'share_user',
  ]),
  content: z.string().min(1),
  uuid: z.string().max(50).optional(),
});

/** Returns the receiver of a well-formed call: the limit of 5 a second is per person. */
export const receiverOf = (body: unknown): string | undefined =>
  z.object({ receive_id: z.string() }).safeParse(body).data?.receive_id.toLowerCase();

export function sendMessage(world: World, { query, body }: Call) {
  const type = parseOrRefuse(toSchema, query.get('receive_id_type') ?? undefined, () =>
    invalid('receive_id_type'),
  );
  const given = parseOrRefuse(bodySchema, body, invalid);
  parseJsonString(given.content, () => invalid('content is not a JSON string'));
  if (!world.grants.botEnabled) throw new Refusal(400, 230006, 'Bot ability is not activated.');
  if (type === 'chat_id') throw new Refusal(400, 230002, 'The bot can not be outside the group.');
  const size = Buffer.byteLength(given.content);
  if (size > (given.msg_type === 'text' ? TEXT_BYTES : CARD_BYTES)) {
    throw new Refusal(400, 230025, 'The length of the message content reaches its limit.');
  }
  const person =
    type === 'email' ? world.people.byEmail(given.receive_id) : world.people.byId(type, given.receive_id);
  const to = requireReachable(person);

  const now = world.clock.now();
  const earlier = world.messages.find(
    (message) => given.uuid && message.uuid === given.uuid && now - message.at < UUID_HOLDS_MS,
  );
  if (earlier) return { data: show(world, earlier) };
  const message: SentMessage = {
    messageId: `om_${randomBytes(16).toString('hex')}`,
    to,
    type: given.msg_type,
    content: given.content,
    ...(given.uuid ? { uuid: given.uuid } : {}),
    at: now,
  };
  world.messages.push(message);
  return { data: show(world, message) };
}

function requireReachable(person: Person | undefined): string {
  if (person === undefined) throw new Refusal(400, 230034, 'The receive_id is invalid.');
  if (person.state === 'RESIGNED' || person.state === 'OUT_OF_RANGE') {
    throw new Refusal(400, 230013, 'Bot has NO availability to this user.');
  }
  return idOf(person, 'open_id');
}

const show = (world: World, message: SentMessage) => ({
  message_id: message.messageId,
  msg_type: message.type,
  chat_id: `oc_${message.to.slice(3)}`,
  create_time: String(message.at),
  update_time: String(message.at),
  deleted: false,
  updated: false,
  sender: { id: world.app.appId, id_type: 'app_id', sender_type: 'app', tenant_key: world.app.tenantKey },
  body: { content: message.content },
});
