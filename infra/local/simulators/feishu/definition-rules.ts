import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Directory, ID_TYPES, type IdType } from './people.ts';
import { invalidParameter, parseOrRefuse, Refusal, userNotFound } from './refusal.ts';
import { findUnresolvedKey, longKeySchema, resourcesSchema } from './texts.ts';
import { keysOfWidgets, type RequestedWidget, readWidgets, widgetIdsOf } from './widgets.ts';

/** The rules for POST /approval/v4/approvals (docs/feishu.md 3.1). */

const LEADERS = ['Supervisor', 'SupervisorTopDown', 'DepartmentManager', 'DepartmentManagerTopDown'] as const;
const leader = z.object({ type: z.enum(LEADERS), level: z.string().min(1) });
const personal = z.object({ type: z.literal('Personal'), user_id: z.string().min(1) });
const free = z.object({ type: z.literal('Free') });

const nodeSchema = z
  .object({
    id: z.string().min(1),
    name: longKeySchema,
    node_type: z.enum(['AND', 'OR', 'SEQUENTIAL']).default('AND'),
    approver: z.array(z.union([leader, personal, free])).min(1),
    ccer: z.array(z.union([leader, personal])).optional(),
    privilege_field: z.object({ writable: z.array(z.string()), readable: z.array(z.string()) }).optional(),
    // The default allows several (yunyingk/twc-approval-go-bridge, 2026-09: START and END, which nobody sets, have true).
    approver_chosen_multi: z.boolean().default(true),
    approver_chosen_range: z
      .array(
        z.object({ type: z.enum(['ALL', 'PERSONAL', 'ROLE']), id_list: z.array(z.string()).default([]) }),
      )
      .optional(),
    starter_assignee: z.enum(['STARTER', 'AUTO_PASS', 'SUPERVISOR', 'DEPARTMENT_MANAGER']).optional(),
  })
  .refine(
    ({ node_type, approver }) => node_type !== 'SEQUENTIAL' || approver.every(({ type }) => type === 'Free'),
    'SEQUENTIAL requires Free',
  );
const edgeSchema = (id: 'START' | 'END') =>
  z
    .looseObject({ id: z.literal(id) })
    .refine(
      (node) => !('name' in node || 'node_type' in node || 'approver' in node),
      `${id} has no name, type or approver`,
    );

const seconds = z.int().min(0);
const flag = z.union([z.literal(0), z.literal(1)]);

const bodySchema = z.object({
  approval_name: longKeySchema,
  /** Empty or absent: a new definition (recorded by yunyingk/twc-approval-go-bridge and koderover/zadig). */
  approval_code: z.string().optional(),
  description: longKeySchema.optional(),
  viewers: z
    .array(
      z
        .object({
          viewer_type: z.enum(['TENANT', 'DEPARTMENT', 'USER', 'NONE']),
          viewer_user_id: z.string().optional(),
          viewer_department_id: z.string().optional(),
        })
        .refine(
          (viewer) => viewer.viewer_type !== 'USER' || viewer.viewer_user_id,
          'USER needs viewer_user_id',
        )
        .refine(
          (viewer) => viewer.viewer_type !== 'DEPARTMENT' || viewer.viewer_department_id,
          'DEPARTMENT needs viewer_department_id',
        ),
    )
    .min(1)
    .max(200),
  form: z.object({ form_content: z.string().min(1), widget_relation: z.string().optional() }),
  node_list: z.array(z.unknown()).min(3),
  settings: z
    .object({
      revert_interval: seconds.optional(),
      revert_option: flag.optional(),
      reject_option: flag.optional(),
      quick_approval_option: flag.optional(),
      overtime_disable: z.boolean().optional(),
      overtime_notice_time: seconds.optional(),
      overtime_close_time: seconds.optional(),
      overtime_recover_time: seconds.optional(),
    })
    .optional(),
  config: z
    .object({
      can_update_viewer: z.boolean(),
      can_update_form: z.boolean(),
      can_update_process: z.boolean(),
      can_update_revert: z.boolean(),
      help_url: z.string().optional(),
    })
    .optional(),
  icon: z.int().min(0).max(24).optional(),
  i18n_resources: resourcesSchema,
  process_manager_ids: z.array(z.string()).max(200).optional(),
});

export type DefinitionBody = Omit<z.infer<typeof bodySchema>, 'node_list'>;
/** An approval node. Feishu sets `nodeKey` and `nodeId`, the caller sets `id` (custom_node_id). */
export type FlowNode = z.infer<typeof nodeSchema> & { nodeKey: string; nodeId: string };

interface CheckedDefinition {
  body: DefinitionBody;
  widgets: RequestedWidget[];
  nodes: FlowNode[];
}

/** Accepts a definition, or refuses it with 1390001 (1390004 for an unknown person). */
export function checkDefinition(given: unknown, idType: IdType, people: Directory): CheckedDefinition {
  const { node_list, ...body } = parseOrRefuse(bodySchema, given, invalidParameter);
  const widgets = readWidgets(body.form.form_content);
  const nodes = readNodes(node_list);
  const known = new Set(widgetIdsOf(widgets));
  for (const node of nodes) {
    for (const approver of [...node.approver, ...(node.ccer ?? [])]) {
      if (approver.type === 'Personal' && !people.byId(idType, approver.user_id)) throw userNotFound(node.id);
    }
    const named = [...(node.privilege_field?.readable ?? []), ...(node.privilege_field?.writable ?? [])];
    const unknown = named.find((id) => !known.has(id));
    if (unknown !== undefined) throw invalidParameter(`privilege_field names no widget: ${unknown}`);
  }
  const keys = [
    body.approval_name,
    ...(body.description === undefined ? [] : [body.description]),
    ...keysOfWidgets(widgets),
    ...nodes.map(({ name }) => name),
  ];
  const missing = findUnresolvedKey(body.i18n_resources, keys);
  if (missing !== undefined) throw invalidParameter(`i18n_resources: the default locale lacks ${missing}`);
  return { body, widgets, nodes };
}

function readNodes(list: readonly unknown[]): FlowNode[] {
  parseOrRefuse(edgeSchema('START'), list[0], (message) => invalidParameter(`node_list, first: ${message}`));
  parseOrRefuse(edgeSchema('END'), list.at(-1), (message) => invalidParameter(`node_list, last: ${message}`));
  const nodes = list.slice(1, -1).map((entry, index) => {
    const node = parseOrRefuse(nodeSchema, entry, (message) =>
      invalidParameter(`node_list.${index + 1}: ${message}`),
    );
    const nodeKey = nodeKeyFor(node.id);
    return { ...node, nodeKey, nodeId: md5(nodeKey) };
  });
  const ids = ['START', 'END', ...nodes.map(({ id }) => id)];
  if (new Set(ids).size !== ids.length) throw invalidParameter('node_list: duplicate id');
  return nodes;
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/**
 * Makes a key of the platform, such as `APPROVAL_359424_2927708` (docs/feishu.md 3.5, `node_key`). Recorded answers of
 * 2022 to 2026 show that `node_id` is the MD5 of this key (START and END are their own keys), never that of the
 * caller's id.
 */
function nodeKeyFor(id: string): string {
  const digits = String(Number.parseInt(md5(id).slice(0, 12), 16)).padStart(15, '0');
  return `APPROVAL_${digits.slice(0, 6)}_${digits.slice(6, 13)}`;
}

export const FLOW_START_ID = md5('START');
export const FLOW_END_ID = md5('END');

/** Returns the `user_id_type` of a query; default: `open_id`. */
export function readIdType(query: URLSearchParams): IdType {
  const given = query.get('user_id_type') ?? 'open_id';
  const type = ID_TYPES.find((known) => known === given);
  if (type === undefined) throw new Refusal(400, 99992402, 'field validation failed: user_id_type');
  return type;
}
