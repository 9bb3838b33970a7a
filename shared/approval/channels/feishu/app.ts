import type { FeishuApp } from '../../../feishu/gateway.ts';
import { AppError } from '../../../runtime/errors.ts';
import type { Round } from '../../plan/round.ts';

/** Returns the app that a round was sent with. Throws `NO_APP` if the round has none. */
export function appOf({ appId, domain }: Pick<Round, 'appId' | 'domain'>): FeishuApp {
  if (!appId || !domain) throw new AppError('NO_APP', 'A Feishu round has no app.');
  return { appId, domain };
}
