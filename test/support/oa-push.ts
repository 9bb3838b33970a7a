import { Webhook } from 'standardwebhooks';

/** An event as an OA signs it, with the library and apart from the product. */
export function signedByOa(
  secret: string,
  body: string,
  { id = 'msg-1', at = new Date() }: { id?: string; at?: Date } = {},
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}
