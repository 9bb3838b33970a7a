import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** Encryption and signature of events (docs/feishu.md 5). Shares no code with the product, so that it can test it. */

/** Returns base64(IV ‖ AES-256-CBC of `plain`). The key is the SHA-256 of the Encrypt Key. */
export function encrypt(encryptKey: string, plain: string): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(encryptKey).digest(), iv);
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}

/** Returns the headers of a signed event: hex(SHA-256(timestamp ‖ nonce ‖ Encrypt Key ‖ raw body)). */
export function sign(encryptKey: string, body: string, nowMs: number): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const nonce = randomBytes(8).toString('hex');
  const signature = createHash('sha256')
    .update(timestamp + nonce + encryptKey)
    .update(body)
    .digest('hex');
  return {
    'X-Lark-Request-Timestamp': timestamp,
    'X-Lark-Request-Nonce': nonce,
    'X-Lark-Signature': signature,
  };
}
