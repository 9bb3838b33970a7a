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
 * Finds the issue of an instance that no pointer knew when its event came: by the uuid that Feishu tells, or by the
 * instance that it revokes. The hint goes on under that issue; an instance that is none of ours, of a definition that
 * is, is dropped.
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
  // The event may have come before the answer to its own create: by now that is mostly stored, and costs no call.
  const known = await store.findIssue({ instanceCode });
  if (known) return forward(known);

  // An app of before may be at the other platform.
  const domain = settings.definitions[appId]?.domain ?? settings.domain;
  const instance = await feishu.getInstance({ appId, domain }, instanceCode);
  const { revokes, uuid } = instance ?? {};
  const revoked = revokes === undefined ? undefined : await store.findIssue({ instanceCode: revokes });
  if (revoked && revokes !== undefined)
    return forward(revoked, { instanceCode: revokes, status: 'REVERTED' });
  const made = uuid === undefined ? undefined : await store.findIssue({ approvalId: uuid });
  if (made) return forward(made);
  log('an instance of our definition is none of our approvals', { instanceCode });
}
