import { switchOff } from '../settings/settings-store.ts';
import { resume } from './enable-feishu.ts';
import type { SetupContext } from './setup-context.ts';
import { withdrawTests } from './test-approval-state.ts';

/**
 * `DELETE /settings/feishu`: stops sending at once, and withdraws every live approval through the queue. Keeps
 * definition and keys for the next time. Safe to repeat.
 */
export async function disableFeishu(context: SetupContext): Promise<{ withdrawing: number }> {
  const settings = await switchOff(context.place);
  if (!settings) return { withdrawing: 0 };
  const withdrawing = await resume(settings, context);
  await withdrawTests(context, () => true);
  return { withdrawing };
}
