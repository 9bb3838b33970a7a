import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { declareApp } from './secrets.ts';

/** The keys of an app, as the developer console shows them. */
export interface AppKeys {
  appId: string;
  encryptKey: string;
  verificationToken: string;
}

export function anApp(changes: Partial<AppKeys> = {}): AppKeys {
  const app = {
    appId: 'cli_ours',
    encryptKey: 'our-encrypt-key',
    verificationToken: 'our-verification-token',
    ...changes,
  };
  declareApp(app);
  return app;
}

/** Returns `encrypt` as Feishu makes it (docs/feishu.md 5). The product has code for decryption only. */
export function encrypted(encryptKey: string, plain: unknown): string {
  const key = createHash('sha256').update(encryptKey).digest();
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const text = typeof plain === 'string' ? plain : JSON.stringify(plain);
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]).toString('base64');
}

/** Returns a body with unusual spaces, so that its signature is valid for the raw bytes only. */
export const bodyOf = (encryptKey: string, plain: unknown): string =>
  `{ "encrypt" : "${encrypted(encryptKey, plain).replaceAll('/', '\\/')}" }`;

export function signed(encryptKey: string, body: string | Uint8Array): Record<string, string> {
  const timestamp = '1666079207';
  const nonce = 'a nonce';
  const hash = createHash('sha256').update(`${timestamp}${nonce}${encryptKey}`).update(body);
  return {
    'x-lark-request-timestamp': timestamp,
    'x-lark-request-nonce': nonce,
    'x-lark-signature': hash.digest('hex'),
  };
}

/** An `approval_instance` event in a 1.0 envelope. */
export function anInstanceEvent(
  app: AppKeys,
  event: Record<string, unknown> = {},
  envelope: Record<string, unknown> = {},
) {
  return {
    ts: '1502199207.7171419',
    uuid: 'event-1',
    token: app.verificationToken,
    type: 'event_callback',
    event: {
      app_id: app.appId,
      tenant_key: 'tenant',
      type: 'approval_instance',
      approval_code: 'DEFINITION',
      instance_code: 'INSTANCE',
      status: 'APPROVED',
      operate_time: '1666079207003',
      instance_operate_time: '1666079207003',
      ...event,
    },
    ...envelope,
  };
}

/** An event in a 2.0 envelope. */
export function aSecondEvent(
  app: AppKeys,
  type: string,
  event: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
) {
  return {
    schema: '2.0',
    header: {
      event_id: 'event-2',
      token: app.verificationToken,
      create_time: '1666079207003',
      event_type: type,
      tenant_key: 'tenant',
      app_id: app.appId,
      ...header,
    },
    event: { approval_code: 'DEFINITION', instance_code: 'INSTANCE', status: 'APPROVED', ...event },
  };
}

export const aChallenge = (app: AppKeys, changes: Record<string, unknown> = {}) => ({
  challenge: 'the challenge',
  token: app.verificationToken,
  type: 'url_verification',
  ...changes,
});
