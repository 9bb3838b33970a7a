import { randomBytes } from 'node:crypto';

/** The four values that a person copies out of Feishu's developer console. */
export interface AppKeys {
  appId: string;
  appSecret: string;
  encryptKey: string;
  verificationToken: string;
}

/** Keeps the values that are given and draws the others: of a new app, or of one whose values are rotated. */
export const drawKeys = (kept: Partial<AppKeys>): AppKeys => ({
  appId: kept.appId ?? `cli_${randomHex(8)}`,
  appSecret: kept.appSecret ?? randomHex(16),
  encryptKey: kept.encryptKey ?? randomHex(16),
  verificationToken: kept.verificationToken ?? randomHex(16),
});

export const randomHex = (bytes: number): string => randomBytes(bytes).toString('hex');
