import { Webhook } from 'standardwebhooks';

/** Verifies requests and signs events by the Standard Webhooks specification, with its library. */
export interface Signatures {
  /** Whether the headers contain a valid signature of the body, at most five minutes old. */
  verify(headers: Readonly<Record<string, string | undefined>>, body: string): boolean;
  sign(messageId: string, at: Date, body: string): Record<string, string>;
}

/** Throws if `secret` is not base64, with or without the prefix `whsec_`. */
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
