import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/**
 * Signs and verifies messages by the Standard Webhooks specification (docs/contract.md 5). The library signs. Its
 * `verify` reads the system's clock, so this file compares the signatures and checks the time itself.
 */

const PREFIX = 'whsec_';
/** Bytes after decoding (Standard Webhooks, "Signature scheme"). */
const MIN_BYTES = 24;
const MAX_BYTES = 64;
const GENERATED_BYTES = 32;
/** docs/contract.md 5. */
const TOLERANCE_SECONDS = 5 * 60;

export const SIGNING_SECRET_RULE = `must be ${MIN_BYTES} to ${MAX_BYTES} bytes in base64, with or without ${PREFIX} in front`;

/** Decodes a signing secret. Returns undefined if it breaks `SIGNING_SECRET_RULE`. */
function keyOf(signingSecret: string): Buffer | undefined {
  const text = signingSecret.startsWith(PREFIX) ? signingSecret.slice(PREFIX.length) : signingSecret;
  const key = Buffer.from(text, 'base64');
  const isValid =
    key.toString('base64') === text && key.byteLength >= MIN_BYTES && key.byteLength <= MAX_BYTES;
  return isValid ? key : undefined;
}

export const isSigningSecret = (text: string): boolean => keyOf(text) !== undefined;

/** Whether two secrets are the same key, with or without the prefix. */
export function isSameKey(a: string, b: string): boolean {
  const key = keyOf(a);
  return key !== undefined && keyOf(b)?.equals(key) === true;
}

/** Generates a signing secret. `randomBytes` returns `count` random bytes. */
export const generateSigningSecret = (randomBytes: (count: number) => Buffer): string =>
  `${PREFIX}${randomBytes(GENERATED_BYTES).toString('base64')}`;

/**
 * Returns the three headers of a message, signed with each secret, so that a receiver with any of them can verify it
 * (Standard Webhooks, "Zero downtime secret rotation"). `body` is '' for a request without a body. Returns undefined if
 * no secret is valid.
 */
export function signMessage(
  secrets: readonly string[],
  { id, at, body }: { id: string; at: Date; body: string },
): Record<string, string> | undefined {
  const usable = secrets.filter(isSigningSecret);
  if (usable.length === 0) return undefined;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': usable.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

export interface SignedRequest {
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  /** The body as received. */
  body: Buffer;
}

/** Another secret cannot help with UNSIGNED and STALE. With FORGED it can, if a new one is not known yet. */
export type Verification =
  | { kind: 'VERIFIED'; messageId: string }
  | { kind: 'REFUSED'; reason: 'UNSIGNED' | 'STALE' | 'FORGED' };

/** Verifies a request from an OA. One matching secret is enough. */
export function verifyRequest(
  { headers, body }: SignedRequest,
  secrets: readonly string[],
  now: Date,
): Verification {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !signatures || !timestamp || !/^\d{1,11}$/.test(timestamp)) {
    return { kind: 'REFUSED', reason: 'UNSIGNED' };
  }
  const seconds = Number(timestamp);
  if (Math.abs(Math.floor(now.getTime() / 1000) - seconds) > TOLERANCE_SECONDS) {
    return { kind: 'REFUSED', reason: 'STALE' };
  }
  const message = { id, at: new Date(seconds * 1000), body: body.toString('utf8') };
  const given = signatures.split(' ').map((one) => Buffer.from(one));
  const expected = (signMessage(secrets, message)?.['webhook-signature'] ?? '').split(' ');
  const isSigned = expected
    .filter((one) => one !== '')
    .map((one) => Buffer.from(one))
    .some((one) => given.some((other) => one.byteLength === other.byteLength && timingSafeEqual(one, other)));
  return isSigned ? { kind: 'VERIFIED', messageId: id } : { kind: 'REFUSED', reason: 'FORGED' };
}
