import type { FeishuApp } from '../../../feishu/gateway.ts';
import { AppError } from '../../../runtime/errors.ts';
import type { Round } from '../../plan/round.ts';

/** The app that a round was sent with. */
export function appOf({ appId, domain }: Pick<Round, 'appId' | 'domain'>): FeishuApp {
  if (!appId || !domain) throw new AppError('NO_APP', 'A round of Feishu names no app.');
  return { appId, domain };
}
