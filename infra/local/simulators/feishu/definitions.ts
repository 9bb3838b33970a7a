import { randomInt, randomUUID } from 'node:crypto';
import { checkDefinition, readIdType } from './definition-rules.ts';
import { showDefinition } from './definition-view.ts';
import { definitionNotFound, Refusal } from './refusal.ts';
import { toLocale } from './texts.ts';
import { assignWidgetIds } from './widgets.ts';
import type { Call, Definition, World } from './world.ts';

/** Approval definitions (docs/feishu.md 3.1, 3.2, 3.10). They cannot be deleted, as in the real API. */

export function createDefinition(world: World, { query, body }: Call) {
  const checked = checkDefinition(body, readIdType(query), world.people);
  const code = checked.body.approval_code || undefined;
  const existing = code === undefined ? undefined : world.definitions.get(code);
  if (code !== undefined && existing === undefined) throw definitionNotFound();
  if (existing?.status === 'DELETED') throw definitionDeleted();
  const stamp = nextStamp(world);
  const definition: Definition = {
    approvalCode: existing?.approvalCode ?? randomUUID().toUpperCase(),
    approvalId: existing?.approvalId ?? `7${Array.from({ length: 18 }, () => randomInt(10)).join('')}`,
    status: existing?.status ?? 'ACTIVE',
    writes: (existing?.writes ?? 0) + 1,
    ...checked,
    stamp,
    // Ids of an earlier write are unknown after the next one (docs/feishu.md 3.1, recorded).
    widgets: assignWidgetIds(checked.widgets, stamp),
  };
  world.definitions.set(definition.approvalCode, definition);
  return { data: { approval_code: definition.approvalCode, approval_id: definition.approvalId } };
}

/** Returns the write time in seconds, raised if needed so that no two writes share it. Widget ids contain it. */
function nextStamp({ clock, definitions }: World): number {
  const taken = [...definitions.values()].map(({ stamp }) => stamp + 1);
  return Math.max(Math.floor(clock.now() / 1000), ...taken);
}

/** Returns a definition that may be used. Refuses: unknown 1390002, disabled 1390015, deleted 1390016. */
export function requireActive(world: World, approvalCode: string): Definition {
  const definition = world.definitions.get(approvalCode);
  if (definition === undefined) throw definitionNotFound();
  switch (definition.status) {
    case 'ACTIVE':
      return definition;
    case 'INACTIVE':
      throw definitionDisabled();
    case 'DELETED':
      throw definitionDeleted();
    default:
      return definition.status satisfies never;
  }
}

export const definitionDisabled = () => new Refusal(400, 1390015, 'approval is not active');
const definitionDeleted = () => new Refusal(400, 1390016, 'approval is deleted');

export function getDefinition(world: World, { params, query }: Call) {
  const definition = world.definitions.get(params.code ?? '');
  if (definition === undefined) throw definitionNotFound();
  if (definition.status === 'DELETED') throw definitionDeleted();
  return { data: showDefinition(definition, toLocale(query.get('locale'))) };
}

export function subscribe(world: World, { params }: Call) {
  const { approvalCode } = requireActive(world, params.code ?? '');
  if (world.subscriptions.has(approvalCode)) throw new Refusal(400, 1390007, 'subscription existed');
  world.subscriptions.add(approvalCode);
  return {};
}

export function unsubscribe(world: World, { params }: Call) {
  const { approvalCode } = requireActive(world, params.code ?? '');
  if (!world.subscriptions.delete(approvalCode)) throw new Refusal(400, 1390007, 'subscription existed');
  return {};
}
