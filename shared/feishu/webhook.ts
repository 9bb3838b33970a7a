import { decrypt, isSameText, isSignedWith, type SignedParts } from './webhook-crypto.ts';
import { type ApprovalEvent, outlineOf, readMessage } from './webhook-events.ts';

/** The keys of one app; the same app may stand twice, with the keys before a rotation. */
export interface WebhookKeys {
  appId: string;
  encryptKey: string;
  verificationToken: string;
}

/** A request as it came: header names in any case, the body as the bytes of the wire. */
export interface WebhookRequest {
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

export type OpenedRequest =
  | { kind: 'CHALLENGE'; challenge: string }
  | { kind: 'APPROVAL'; event: ApprovalEvent }
  | { kind: 'OTHER'; type: string }
  /** Who sends it cannot be told, or is not who they should be. The reason is for our log alone. */
  | { kind: 'REFUSED'; reason: 'FOREIGN' | 'UNSIGNED' | 'SIGNATURE' | 'TOKEN_OR_APP' }
  /** Feishu sends it, but it is not what Feishu sends. */
  | { kind: 'MALFORMED'; reason: 'BODY' | 'CIPHERTEXT' | 'FORM' };

/**
 * Verifies, decrypts and reads a request to the webhook (docs/design.md 5; docs/feishu.md 5).
 * Signed: signature over the raw bytes, then decryption, then token and app, then the form. Unsigned: nothing
 * but a challenge that decrypts and carries the right token; why another is refused shows nowhere outside.
 * The timestamp is not checked: a replay is a repeat. `verified` is told whose keys it came with, before the form
 * is looked at.
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

  // Two apps may share an Encrypt Key; only the one whose token and id these are has sent it.
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

/** Only `encrypt` of the outer object is ever read: nothing beside it is covered by the encryption. */
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
