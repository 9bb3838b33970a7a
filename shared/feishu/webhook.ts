import { decrypt, isSameText, isSignedWith, type SignedParts } from './webhook-crypto.ts';
import { type ApprovalEvent, outlineOf, readMessage } from './webhook-events.ts';

/** The keys of one app. An app may have two sets of keys, after a rotation. */
export interface WebhookKeys {
  appId: string;
  encryptKey: string;
  verificationToken: string;
}

/** A request as received: header names in any case, the body as bytes. */
export interface WebhookRequest {
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

export type OpenedRequest =
  | { kind: 'CHALLENGE'; challenge: string }
  | { kind: 'APPROVAL'; event: ApprovalEvent }
  | { kind: 'OTHER'; type: string }
  /** The sender cannot be verified. The reason is only for our log. */
  | { kind: 'REFUSED'; reason: 'FOREIGN' | 'UNSIGNED' | 'SIGNATURE' | 'TOKEN_OR_APP' }
  /** The sender is Feishu, but the body is invalid. */
  | { kind: 'MALFORMED'; reason: 'BODY' | 'CIPHERTEXT' | 'FORM' };

/**
 * Verifies, decrypts and parses a request to the webhook (docs/design.md 5; docs/feishu.md 5). A signed request: the
 * signature over the raw bytes, then decryption, then token and app id, then the body. An unsigned request: only a
 * challenge that decrypts and has the correct token is accepted; the sender does not learn why another is refused.
 * The timestamp is not checked, because a replay does no more than a repeated event. Calls `verified` with the keys of
 * the sender before it parses the body.
 */
export function openRequest(
  request: WebhookRequest,
  keys: readonly WebhookKeys[],
  verified: (sender: WebhookKeys) => void = () => undefined,
): OpenedRequest {
  const signed = signedParts(request);
  return signed ? openSigned(signed, keys, verified) : openUnsigned(request.body, keys, verified);
}

function signedParts({ headers, body }: WebhookRequest): SignedParts | undefined {
  const named = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const signature = named.get('x-lark-signature');
  if (signature === undefined) return undefined;
  return {
    signature,
    timestamp: named.get('x-lark-request-timestamp') ?? '',
    nonce: named.get('x-lark-request-nonce') ?? '',
    body,
  };
}

function openSigned(
  parts: SignedParts,
  keys: readonly WebhookKeys[],
  verified: (sender: WebhookKeys) => void,
): OpenedRequest {
  const signers = keys.filter((key) => isSignedWith(key.encryptKey, parts));
  const [signer] = signers;
  if (!signer) return { kind: 'REFUSED', reason: 'SIGNATURE' };

  const encrypted = encryptedOf(parts.body);
  if (encrypted === undefined) return { kind: 'MALFORMED', reason: 'BODY' };
  const plain = decryptJson(signer.encryptKey, encrypted);
  const outline = outlineOf(plain);
  if (!outline) return { kind: 'MALFORMED', reason: 'CIPHERTEXT' };

  // Two apps may have the same Encrypt Key. Token and app id tell which one sent the request.
  const sender = signers.find(
    (key) =>
      isSameToken(key, outline.token) && (outline.appId === undefined || isSame(key.appId, outline.appId)),
  );
  if (!sender) return { kind: 'REFUSED', reason: 'TOKEN_OR_APP' };
  verified(sender);
  return readMessage(plain) ?? { kind: 'MALFORMED', reason: 'FORM' };
}

function openUnsigned(
  body: Uint8Array,
  keys: readonly WebhookKeys[],
  verified: (sender: WebhookKeys) => void,
): OpenedRequest {
  const encrypted = encryptedOf(body);
  if (encrypted === undefined) return { kind: 'REFUSED', reason: 'FOREIGN' };
  for (const key of keys) {
    const plain = decryptJson(key.encryptKey, encrypted);
    const message = isSameToken(key, outlineOf(plain)?.token) ? readMessage(plain) : undefined;
    if (message?.kind !== 'CHALLENGE') continue;
    verified(key);
    return message;
  }
  return { kind: 'REFUSED', reason: 'UNSIGNED' };
}

const isSameToken = (key: WebhookKeys, token: unknown): boolean => isSame(key.verificationToken, token);

const isSame = (ours: string, theirs: unknown): boolean =>
  typeof theirs === 'string' && isSameText(ours, theirs);

/** Returns `encrypt` of the outer object. Nothing else in it is encrypted, so nothing else is read. */
function encryptedOf(body: Uint8Array): string | undefined {
  const outer = parseJson(new TextDecoder().decode(body));
  if (typeof outer !== 'object' || outer === null || !Object.hasOwn(outer, 'encrypt')) return undefined;
  return 'encrypt' in outer && typeof outer.encrypt === 'string' ? outer.encrypt : undefined;
}

function decryptJson(encryptKey: string, encrypted: string): unknown {
  const plain = decrypt(encryptKey, encrypted);
  return plain === undefined ? undefined : parseJson(plain);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
