import { switchOff } from '../settings/settings-store.ts';
import { resume } from './enable-feishu.ts';
import type { SetupContext } from './setup-context.ts';
import { withdrawTests } from './test-approval-state.ts';

/**
 * `DELETE /settings/feishu`: no request is sent from the moment the item says so, and every live approval is taken
 * back through the queue. Definition and keys stay: switching on again uses them. Repeating it does no harm.
 */
export async function disableFeishu(context: SetupContext): Promise<{ withdrawing: number }> {
  const settings = await switchOff(context.place);
  if (!settings) return { withdrawing: 0 };
  const withdrawing = await resume(settings, context);
  await withdrawTests(context, () => true);
  return { withdrawing };
}
