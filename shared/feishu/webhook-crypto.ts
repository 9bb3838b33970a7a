import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto';

/** The steps that verify an event from Feishu (docs/feishu.md 5). Pure. */

export interface SignedParts {
  /** X-Lark-Request-Timestamp, as text. */
  timestamp: string;
  /** X-Lark-Request-Nonce. */
  nonce: string;
  /** X-Lark-Signature. */
  signature: string;
  /** The body as received, before parsing. */
  body: Uint8Array;
}

/** Whether the body was signed with this Encrypt Key. Compares in constant time. */
export function isSignedWith(encryptKey: string, parts: SignedParts): boolean {
  return isSameText(signatureOf(encryptKey, parts), parts.signature.toLowerCase());
}

/** Returns the SHA-256 of timestamp, nonce, key and body in lower-case hex: a plain hash, not an HMAC. */
export function signatureOf(encryptKey: string, parts: Omit<SignedParts, 'signature'>): string {
  return createHash('sha256')
    .update(parts.timestamp + parts.nonce + encryptKey, 'utf8')
    .update(parts.body)
    .digest('hex');
}

/**
 * Decrypts `encrypt` of a body: base64 of IV and AES-256-CBC ciphertext; the key is the SHA-256 of the Encrypt Key.
 * Returns undefined if this fails for any reason. There is no MAC, so verify the signature first.
 */
export function decrypt(encryptKey: string, encrypted: string): string | undefined {
  const bytes = Buffer.from(encrypted, 'base64');
  const key = createHash('sha256').update(encryptKey, 'utf8').digest();
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch {
    return undefined;
  }
}

/** Compares two texts in constant time, by their hashes. */
export function isSameText(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
