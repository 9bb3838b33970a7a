import { Webhook } from 'standardwebhooks';

/** Returns the headers of an event, signed with the library as an OA does, without the product's code. */
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
