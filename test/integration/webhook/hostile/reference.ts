import { createDecipheriv, createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { AppKeys } from '../../../support/feishu-push.ts';

/** The most that a request may be granted, found without the product's code (docs/feishu.md 5). */
export interface Rights {
  /** Size of the decoded body. */
  bytes: number;
  /** Somebody who knows the Encrypt Key signed exactly these bytes. */
  signed: boolean;
  /** It is encrypted with our Encrypt Key and contains our token. */
  ours: boolean;
  /** It contains our app id beside the token. */
  ourApp: boolean;
}

export function rightsOf(event: APIGatewayProxyEventV2, app: AppKeys): Rights {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const plain = openedBy(app.encryptKey, body);
  const header = asObject(plain?.header);
  const message = asObject(plain?.event);
  const first = plain?.token === app.verificationToken;
  const second = header?.token === app.verificationToken;
  return {
    bytes: body.byteLength,
    signed: isSigned(event, body, app.encryptKey),
    ours: first || second,
    ourApp: (first && message?.app_id === app.appId) || (second && header?.app_id === app.appId),
  };
}

/** Header names in any case. If a name occurs twice, both values count. */
function isSigned(event: APIGatewayProxyEventV2, body: Buffer, encryptKey: string): boolean {
  const all = (name: string) =>
    Object.entries(event.headers ?? {})
      .filter(([key]) => key.toLowerCase() === name)
      .map(([, value]) => value ?? '');
  const orNone = (values: string[]) => (values.length > 0 ? values : ['']);
  return orNone(all('x-lark-request-timestamp')).some((timestamp) =>
    orNone(all('x-lark-request-nonce')).some((nonce) => {
      const hash = createHash('sha256')
        .update(`${timestamp}${nonce}${encryptKey}`)
        .update(body)
        .digest('hex');
      return all('x-lark-signature').some((signature) => signature.toLowerCase() === hash);
    }),
  );
}

function openedBy(encryptKey: string, body: Buffer): Record<string, unknown> | undefined {
  try {
    const { encrypt } = asObject(JSON.parse(withoutMark(body.toString('utf8')))) ?? {};
    const bytes = Buffer.from(String(encrypt), 'base64');
    const key = createHash('sha256').update(encryptKey).digest();
    const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16));
    const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8');
    return asObject(JSON.parse(withoutMark(plain)));
  } catch {
    return undefined;
  }
}

const withoutMark = (text: string): string => text.replace(/^\ufeff/, '');

/** Only own attributes. An inherited token does not count. */
function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null
    ? Object.assign(Object.create(null), Object.fromEntries(Object.entries(value)))
    : undefined;
}
