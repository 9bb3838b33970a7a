import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import { readPointer } from '../../shared/approval/store/pointers.ts';
import type { ApprovalEvent } from '../../shared/feishu/webhook-events.ts';
import type { FeishuSettings } from '../../shared/settings/settings.ts';
import { readFeishuSettings } from '../../shared/settings/settings-store.ts';
import { approvalPointerKey, instancePointerKey } from '../../shared/tables/approval-keys.ts';

const FROM_FEISHU = { channel: 'FEISHU' } as const;

/** Feishu's limit for the uuid of an instance (docs/feishu.md 3.3); ours are shorter. */
const MAX_UUID = 64;

/**
 * Turns an event into a hint. Finds the issue by the uuid that we gave the instance, which is known before the instance
 * is created, else by the instance code. If no pointer exists and the definition is ours, the worker finds the issue.
 * Returns undefined for other definitions. All reads are strongly consistent.
 */
export async function findIssue(
  event: ApprovalEvent,
  place: { documents: DynamoDBDocumentClient; tableName: string },
): Promise<Hint | undefined> {
  const { instanceUuid, ...spoken } = event;
  const pointer =
    (instanceUuid && instanceUuid.length <= MAX_UUID
      ? await readPointer(place, approvalPointerKey(instanceUuid), FROM_FEISHU)
      : undefined) ?? (await readPointer(place, instancePointerKey(event.instanceCode), FROM_FEISHU));
  if (pointer) return { kind: 'FEISHU_EVENT', ...pointer, ...spoken };

  const settings = await readFeishuSettings(place.documents, place.tableName);
  return settings && isOurs(settings, event.definitionCode)
    ? { kind: 'UNKNOWN_INSTANCE', ...spoken }
    : undefined;
}

const isOurs = (
  { definitionCode, definitions, ownDefinitions = {} }: FeishuSettings,
  code: string,
): boolean =>
  definitionCode === code ||
  Object.hasOwn(ownDefinitions, code) ||
  Object.values(definitions).some((definition) => definition.code === code);
