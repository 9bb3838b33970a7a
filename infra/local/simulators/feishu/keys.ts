import { randomBytes } from 'node:crypto';

/** The four values that a person copies out of Feishu's developer console. */
export interface AppKeys {
  appId: string;
  appSecret: string;
  encryptKey: string;
  verificationToken: string;
}

/** Keeps the values that are given and draws the others: of a new app, or of one whose values are rotated. */
export const createKeys = (kept: Partial<AppKeys>): AppKeys => ({
  appId: kept.appId ?? `cli_${randomHex(8)}`,
  appSecret: kept.appSecret ?? randomHex(16),
  encryptKey: kept.encryptKey ?? randomHex(16),
  verificationToken: kept.verificationToken ?? randomHex(16),
});

export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** Which of an app's values a person makes anew in the console; its id is for ever. */
export type Rotation = { [Name in Exclude<keyof AppKeys, 'appId'>]?: true | undefined };

/** The values after a rotation: new ones where it says so. */
export function rotateKeys(keys: Readonly<AppKeys>, { appSecret, encryptKey, verificationToken }: Rotation) {
  return createKeys({
    appId: keys.appId,
    ...(!appSecret && { appSecret: keys.appSecret }),
    ...(!encryptKey && { encryptKey: keys.encryptKey }),
    ...(!verificationToken && { verificationToken: keys.verificationToken }),
  });
}
