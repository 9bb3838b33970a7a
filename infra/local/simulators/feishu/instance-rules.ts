import * as z from 'zod';
import type { FlowNode } from './definition-rules.ts';
import { invalidParameter, Refusal } from './refusal.ts';
import { findUnresolvedKey, isKey, keySchema, type Resources, resourcesSchema } from './texts.ts';
import type { World } from './world.ts';

/** The rules for POST /approval/v4/instances (docs/feishu.md 3.3). */

const chosenSchema = z.array(z.object({ key: z.string().min(1), value: z.array(z.string().min(1)).min(1) }));

export const instanceBodySchema = z.object({
  approval_code: z.string().min(1),
  user_id: z.string().min(1).optional(),
  open_id: z.string().min(1).optional(),
  department_id: z.string().optional(),
  form: z.string().min(1),
  node_approver_open_id_list: chosenSchema.optional(),
  node_approver_user_id_list: chosenSchema.optional(),
  node_cc_open_id_list: chosenSchema.max(20).optional(),
  node_cc_user_id_list: chosenSchema.max(20).optional(),
  uuid: z.string().min(1).max(64).optional(),
  allow_resubmit: z.boolean().optional(),
  allow_submit_again: z.boolean().optional(),
  cancel_bot_notification: z.string().regex(/^\d$/).optional(),
  forbid_revoke: z.boolean().optional(),
  title: keySchema.optional(),
  title_display_method: z.union([z.literal(0), z.literal(1)]).optional(),
  i18n_resources: resourcesSchema.optional(),
  node_auto_approval_list: z
    .array(z.object({ node_id_type: z.enum(['CUSTOM', 'NON_CUSTOM']), node_id: z.string() }))
    .max(10)
    .optional(),
});
type InstanceBody = z.infer<typeof instanceBodySchema>;

const unknownUser = (field: string) => new Refusal(400, 60004, `user not found: ${field}`);

/** Returns the initiator's open_id: a person in range, or the app's bot if enabled. `user_id` has priority. */
export function readInitiator(world: World, { user_id, open_id }: InstanceBody): string {
  if (user_id === undefined && open_id === undefined)
    throw invalidParameter('user_id or open_id is required');
  if (user_id !== undefined) return requirePerson(world, 'user_id', user_id, 'user_id');
  if (open_id === world.app.botOpenId && world.grants.botEnabled) return open_id;
  return requirePerson(world, 'open_id', open_id ?? '', 'open_id');
}

/** Returns the approvers of each node by its id: the chosen ones of a Free node, the configured ones of others. */
export function readApprovers(
  world: World,
  nodes: readonly FlowNode[],
  body: InstanceBody,
): Map<string, string[]> {
  const chosen = [
    ...(body.node_approver_open_id_list ?? []).map((entry) => ({ ...entry, type: 'open_id' as const })),
    ...(body.node_approver_user_id_list ?? []).map((entry) => ({ ...entry, type: 'user_id' as const })),
  ];
  const isFree = (node: FlowNode) => node.approver.some(({ type }) => type === 'Free');
  const stray = chosen.find(
    ({ key }) => !nodes.some((node) => isFree(node) && (node.id === key || node.nodeId === key)),
  );
  if (stray) throw invalidParameter(`node_approver list: no Free node ${stray.key}`);

  return new Map(
    nodes.map((node) => {
      const people = chosen
        .filter(({ key }) => key === node.id || key === node.nodeId)
        .flatMap(({ type, value }) => value.map((id) => requireApprover(world, type, id)));
      const asked = [...new Set([...people, ...namedApprovers(world, node)])];
      if (isFree(node) && people.length === 0) {
        throw invalidParameter(`node_approver list: the approver of node ${node.id} must be chosen`);
      }
      if (!node.approver_chosen_multi && people.length > 1) {
        throw invalidParameter(`node_approver list: node ${node.id} takes one approver`);
      }
      const ranges = node.approver_chosen_range?.filter(({ type }) => type === 'PERSONAL') ?? [];
      const allowed = ranges.flatMap(({ id_list }) => id_list);
      if (ranges.length > 0 && people.some((openId) => !allowed.includes(openId))) {
        throw invalidParameter(`node_approver list: outside the range of node ${node.id}`);
      }
      if (asked.length === 0) throw invalidParameter(`node ${node.id} has no approver`);
      return [node.id, asked];
    }),
  );
}

function namedApprovers(world: World, node: FlowNode): string[] {
  return node.approver.flatMap((approver) => {
    if (approver.type !== 'Personal') return [];
    const people = (['open_id', 'user_id', 'union_id'] as const).map((type) =>
      world.people.byId(type, approver.user_id),
    );
    const openId = people.find((person) => person?.state !== 'RESIGNED' && person !== undefined)?.openId;
    return openId === undefined ? [] : [openId];
  });
}

function requireApprover(world: World, type: 'open_id' | 'user_id', id: string): string {
  if (id === world.app.botOpenId && world.grants.botEnabled) return id;
  return requirePerson(world, type, id, 'node_approver list');
}

function requirePerson(world: World, type: 'open_id' | 'user_id', id: string, field: string): string {
  const person = world.people.byId(type, id);
  if (person === undefined || person.state === 'RESIGNED' || person.state === 'OUT_OF_RANGE') {
    throw unknownUser(field);
  }
  return person.openId;
}

export function requireCcPeople(world: World, body: InstanceBody): void {
  for (const id of body.node_cc_open_id_list?.flatMap(({ value }) => value) ?? []) {
    requirePerson(world, 'open_id', id, 'node_cc_open_id_list');
  }
  for (const id of body.node_cc_user_id_list?.flatMap(({ value }) => value) ?? []) {
    requirePerson(world, 'user_id', id, 'node_cc_user_id_list');
  }
}

/** Returns the nodes that are approved automatically, as the request says. */
export function readAutoApproved(nodes: readonly FlowNode[], body: InstanceBody): Set<string> {
  const ids = (body.node_auto_approval_list ?? []).map(({ node_id_type, node_id }) => {
    const node = nodes.find((each) => (node_id_type === 'CUSTOM' ? each.id : each.nodeId) === node_id);
    if (node === undefined) throw invalidParameter(`node_auto_approval_list: unknown node ${node_id}`);
    return node.id;
  });
  return new Set(ids);
}

/** Every key in the title or a value needs a text in the default locale of the instance. */
export function requireTexts(resources: Resources | undefined, keys: readonly string[]): void {
  if (keys.length === 0) return;
  if (resources === undefined) throw invalidParameter('i18n_resources is required when keys are used');
  const missing = findUnresolvedKey(resources, keys);
  if (missing !== undefined) throw invalidParameter(`i18n_resources: the default locale lacks ${missing}`);
  const empty = resources
    .flatMap(({ texts }) => texts)
    .find(({ key, value }) => isKey(key) && keys.includes(key) && value === '');
  if (empty) throw invalidParameter(`i18n_resources: ${empty.key} has no text`);
}
