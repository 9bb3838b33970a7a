import { timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/**
 * Signatures after the Standard Webhooks specification (docs/contract.md 5), in both directions; the library makes
 * them. Its own `verify` reads the clock itself, so what is around the signature is checked here.
 */

const PREFIX = 'whsec_';
/** Standard Webhooks, "Signature scheme": so many bytes after decoding. */
const MIN_BYTES = 24;
const MAX_BYTES = 64;
const GENERATED_BYTES = 32;
/** docs/contract.md 5. */
const TOLERANCE_SECONDS = 5 * 60;

export const SIGNING_SECRET_RULE = `must be ${MIN_BYTES} to ${MAX_BYTES} bytes in base64, with or without ${PREFIX} before them`;

/** The key of a signing secret; undefined if it is none by `SIGNING_SECRET_RULE`. */
function keyOf(signingSecret: string): Buffer | undefined {
  const text = signingSecret.startsWith(PREFIX) ? signingSecret.slice(PREFIX.length) : signingSecret;
  const key = Buffer.from(text, 'base64');
  const isSound =
    key.toString('base64') === text && key.byteLength >= MIN_BYTES && key.byteLength <= MAX_BYTES;
  return isSound ? key : undefined;
}

export const isSigningSecret = (text: string): boolean => keyOf(text) !== undefined;

/** Whether two secrets are one key, however they are written. */
export function isSameKey(a: string, b: string): boolean {
  const key = keyOf(a);
  return key !== undefined && keyOf(b)?.equals(key) === true;
}

/** `randomBytes` gives so many of them. */
export const generateSigningSecret = (randomBytes: (count: number) => Buffer): string =>
  `${PREFIX}${randomBytes(GENERATED_BYTES).toString('base64')}`;

/**
 * The three headers of a message, signed with each secret: whoever knows one of them can verify it (Standard
 * Webhooks, "Zero downtime secret rotation"). `body` is the empty string for a request without one. undefined if
 * none of the secrets is one.
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
  /** The bytes of the wire. */
  body: Buffer;
}

/** UNSIGNED and STALE are so under whatever secret; FORGED may be right under one that is not known yet. */
export type Verification =
  | { kind: 'VERIFIED'; messageId: string }
  | { kind: 'REFUSED'; reason: 'UNSIGNED' | 'STALE' | 'FORGED' };

/** Verifies a request of an OA; any of the secrets may match. */
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
