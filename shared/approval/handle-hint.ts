import { type InstanceResolving, resolveInstance } from './channels/feishu/resolve-instance.ts';
import type { Hint } from './plan/hint.ts';
import { type Reconciling, reconcile } from './reconcile.ts';

export interface HintHandling extends Reconciling, Omit<InstanceResolving, 'store'> {
  /** The settings may have been saved: keys that are kept may be those of before. */
  onResync?: () => Promise<unknown>;
}

/** What a message of the work queue leads to; `waitSeconds`: it is to come again after so long. */
export async function handleHint(hint: Hint, work: HintHandling): Promise<{ waitSeconds?: number }> {
  if (hint.kind === 'DUE' && hint.resync) await work.onResync?.();
  if (hint.kind !== 'UNKNOWN_INSTANCE') return reconcile(hint.issueId, [hint], work);
  await resolveInstance(hint, work);
  return {};
}
