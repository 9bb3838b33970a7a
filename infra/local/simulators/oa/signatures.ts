import { Webhook } from 'standardwebhooks';

/** The Standard Webhooks specification, by its library: what comes is verified, what goes is signed. */
export interface Signatures {
  /** Whether these headers sign this body, at most five minutes ago. */
  verify(headers: Readonly<Record<string, string | undefined>>, body: string): boolean;
  sign(messageId: string, at: Date, body: string): Record<string, string>;
}

/** Throws if `secret` is none: base64, with or without `whsec_` before it. */
export function createSignatures(secret: string): Signatures {
  const webhook = new Webhook(secret);
  return {
    verify(headers, body) {
      const signed = Object.fromEntries(
        ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
          name,
          String(headers[name] ?? ''),
        ]),
      );
      try {
        webhook.verify(body, signed, { jsonParse: false });
        return true;
      } catch {
        return false;
      }
    },
    sign: (messageId, at, body) => ({
      'webhook-id': messageId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': webhook.sign(messageId, at, body),
    }),
  };
}
