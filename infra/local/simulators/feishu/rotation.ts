import { type AppKeys, drawKeys } from './keys.ts';

/** Which of an app's values a person makes anew in the console; its id is for ever. */
export type Rotation = { [Name in Exclude<keyof AppKeys, 'appId'>]?: true | undefined };

/** The values after a rotation: new ones where it says so. */
export function rotateKeys(keys: Readonly<AppKeys>, { appSecret, encryptKey, verificationToken }: Rotation) {
  return drawKeys({
    appId: keys.appId,
    ...(!appSecret && { appSecret: keys.appSecret }),
    ...(!encryptKey && { encryptKey: keys.encryptKey }),
    ...(!verificationToken && { verificationToken: keys.verificationToken }),
  });
}
