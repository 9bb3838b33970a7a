import { randomBytes } from 'node:crypto';

/** The four values that a person copies from Feishu's developer console. */
export interface AppKeys {
  appId: string;
  appSecret: string;
  encryptKey: string;
  verificationToken: string;
}

/** Makes the values of an app: keeps the given ones and generates the others. */
export const createKeys = (kept: Partial<AppKeys>): AppKeys => ({
  appId: kept.appId ?? `cli_${randomHex(8)}`,
  appSecret: kept.appSecret ?? randomHex(16),
  encryptKey: kept.encryptKey ?? randomHex(16),
  verificationToken: kept.verificationToken ?? randomHex(16),
});

export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** The values that a person replaces in the console; the app id never changes. */
export type Rotation = { [Name in Exclude<keyof AppKeys, 'appId'>]?: true | undefined };

/** Returns the values after a rotation. */
export function rotateKeys(keys: Readonly<AppKeys>, { appSecret, encryptKey, verificationToken }: Rotation) {
  return createKeys({
    appId: keys.appId,
    ...(!appSecret && { appSecret: keys.appSecret }),
    ...(!encryptKey && { encryptKey: keys.encryptKey }),
    ...(!verificationToken && { verificationToken: keys.verificationToken }),
  });
}
