import type { FeishuSettings } from '../settings/settings.ts';
import type { Hint, WorkQueue } from './plan/hint.ts';
import { type Reconciling, reconcile } from './reconcile.ts';
import type { Pointer } from './store/pointers.ts';

export interface HintHandling extends Reconciling {
  queue: WorkQueue;
  readSettings: () => Promise<FeishuSettings | undefined>;
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

/**
 * Finds the issue of an instance that no pointer knew when its event came: by the uuid that Feishu tells, or by the
 * instance that it revokes. The hint goes on under that issue; an instance that is none of ours, of a definition that
 * is, is dropped.
 */
async function resolveInstance(
  hint: Extract<Hint, { kind: 'UNKNOWN_INSTANCE' }>,
  { store, feishu, queue, readSettings, log }: HintHandling,
): Promise<void> {
  const { kind: _, ...event } = hint;
  const { instanceCode, eventId, appId } = event;
  const settings = await readSettings();
  if (!settings) return;
  const handOn = (pointer: Pointer, about: Partial<typeof event> = {}) =>
    queue.send({ kind: 'FEISHU_EVENT', ...pointer, ...event, ...about }, `${eventId}/${pointer.approvalId}`);
  // The event may have come before the answer to its own create: by now that is mostly stored, and costs no call.
  const known = await store.findIssue({ instanceCode });
  if (known) return handOn(known);

  // An app of before may be at the other platform.
  const domain = settings.definitions[appId]?.domain ?? settings.domain;
  const instance = await feishu.getInstance({ appId, domain }, instanceCode);
  const { revokes, uuid } = instance ?? {};
  const revoked = revokes === undefined ? undefined : await store.findIssue({ instanceCode: revokes });
  if (revoked && revokes !== undefined) return handOn(revoked, { instanceCode: revokes, status: 'REVERTED' });
  const made = uuid === undefined ? undefined : await store.findIssue({ approvalId: uuid });
  if (made) return handOn(made);
  log('an instance of our definition is none of our approvals', { instanceCode });
}
