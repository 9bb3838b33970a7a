import type { FeishuGateway } from '../../../feishu/gateway.ts';
import type { FeishuSettings } from '../../../settings/settings.ts';
import type { Hint, WorkQueue } from '../../plan/hint.ts';
import type { Pointer } from '../../store/pointers.ts';
import type { ApprovalStore } from '../../store/store.ts';

export interface InstanceResolving {
  store: Pick<ApprovalStore, 'findIssue'>;
  feishu: Pick<FeishuGateway, 'getInstance'>;
  queue: WorkQueue;
  readSettings: () => Promise<FeishuSettings | undefined>;
  log: (happening: string, about: Record<string, string | number | undefined>) => void;
}

/**
 * Finds the issue of an instance that no pointer knew when its event came: by the uuid that Feishu returns, or by the
 * instance that it revokes. The hint is sent on for that issue. An instance of our definition that is not one of our
 * approvals is dropped.
 */
export async function resolveInstance(
  hint: Extract<Hint, { kind: 'UNKNOWN_INSTANCE' }>,
  { store, feishu, queue, readSettings, log }: InstanceResolving,
): Promise<void> {
  const { kind: _, ...event } = hint;
  const { instanceCode, eventId, appId } = event;
  const settings = await readSettings();
  if (!settings) return;
  const forward = (pointer: Pointer, about: Partial<typeof event> = {}) =>
    queue.send({ kind: 'FEISHU_EVENT', ...pointer, ...event, ...about }, `${eventId}/${pointer.approvalId}`);
  // The event may have come before the answer to its own create was stored. By now it mostly is stored, and no call
  // is needed.
  const known = await store.findIssue({ instanceCode });
  if (known) return forward(known);

  // A former app may be on the other platform.
  const domain = settings.definitions[appId]?.domain ?? settings.domain;
  const instance = await feishu.getInstance({ appId, domain }, instanceCode);
  const { revokes, uuid } = instance ?? {};
  const revoked = revokes === undefined ? undefined : await store.findIssue({ instanceCode: revokes });
  if (revoked && revokes !== undefined)
    return forward(revoked, { instanceCode: revokes, status: 'REVERTED' });
  const made = uuid === undefined ? undefined : await store.findIssue({ approvalId: uuid });
  if (made) return forward(made);
  log('ignored an instance of our definition that is not one of our approvals', { instanceCode });
}
