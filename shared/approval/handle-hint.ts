import { type InstanceResolving, resolveInstance } from './channels/feishu/resolve-instance.ts';
import type { Hint } from './plan/hint.ts';
import { type Reconciling, reconcile } from './reconcile.ts';

export interface HintHandling extends Reconciling, Omit<InstanceResolving, 'store'> {
  /** Called on a resync: the settings may have been saved, so cached credentials may be old. */
  onResync?: () => Promise<unknown>;
}

/**
 * Handles a message of the work queue. Returns `waitSeconds` if the message must come again after this many seconds.
 */
export async function handleHint(hint: Hint, work: HintHandling): Promise<{ waitSeconds?: number }> {
  if (hint.kind === 'DUE' && hint.resync) await work.onResync?.();
  if (hint.kind !== 'UNKNOWN_INSTANCE') return reconcile(hint.issueId, [hint], work);
  await resolveInstance(hint, work);
  return {};
}
