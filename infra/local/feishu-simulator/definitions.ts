import { randomInt, randomUUID } from 'node:crypto';
import { checkDefinition, readIdType } from './definition-rules.ts';
import { definitionNotFound, Refusal } from './refusal.ts';
import { defaultLocale, type Locale, resolveText, toLocale } from './texts.ts';
import { optionsOf } from './widgets.ts';
import type { Call, Definition, World } from './world.ts';

/** Approval definitions (FEISHU 3.1, 3.2, 3.10). There is no way to delete one: the API has none either. */

export function createDefinition(world: World, { query, body }: Call) {
  const checked = checkDefinition(body, readIdType(query), world.people);
  const code = checked.body.approval_code;
  const existing = code === undefined ? undefined : world.definitions.get(code);
  if (code !== undefined && existing === undefined) throw definitionNotFound();
  if (existing?.status === 'DELETED') throw definitionDeleted();
  const definition: Definition = {
    approvalCode: existing?.approvalCode ?? randomUUID().toUpperCase(),
    approvalId: existing?.approvalId ?? `7${Array.from({ length: 18 }, () => randomInt(10)).join('')}`,
    status: existing?.status ?? 'ACTIVE',
    writes: (existing?.writes ?? 0) + 1,
    ...checked,
  };
  world.definitions.set(definition.approvalCode, definition);
  return { data: { approval_code: definition.approvalCode, approval_id: definition.approvalId } };
}

/** The definition for use: unknown 1390002, disabled 1390015, deleted 1390016. */
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
  const { body, widgets, nodes } = definition;
  const locale: Locale = toLocale(query.get('locale')) ?? defaultLocale(body.i18n_resources);
  const text = (key: string) => resolveText(body.i18n_resources, locale, key);
  const edge = (name: string, node_id: string) => ({
    name,
    need_approver: false,
    node_id,
    node_type: 'AND',
    approver_chosen_multi: false,
    require_signature: false,
  });
  return {
    data: {
      approval_name: text(body.approval_name),
      status: definition.status,
      form: JSON.stringify(
        widgets.map((widget) => ({
          default_value_type: '',
          display_condition: null,
          enable_default_value: false,
          id: widget.id,
          ...(widget.custom_id === undefined ? {} : { custom_id: widget.custom_id }),
          name: text(widget.name),
          printable: widget.printable ?? true,
          required: widget.required ?? false,
          type: widget.type,
          visible: true,
          widget_default_value: '',
          ...(optionsOf(widget).length === 0
            ? {}
            : {
                option: optionsOf(widget).map((option) => ({ value: option.key, text: text(option.text) })),
              }),
        })),
      ),
      node_list: [
        edge(locale === 'zh-CN' ? '提交' : 'Submit', 'b078ffd28db767c502ac367053f6e0ac'),
        ...nodes.map((node) => ({
          name: text(node.name),
          need_approver: node.approver.some(({ type }) => type === 'Free'),
          node_id: node.nodeId,
          custom_node_id: node.id,
          node_type: node.node_type,
          approver_chosen_multi: node.approver_chosen_multi,
          approver_chosen_range: (node.approver_chosen_range ?? []).map(({ type, id_list }) => ({
            approver_range_type: { ALL: 0, ROLE: 1, PERSONAL: 2 }[type],
            approver_range_ids: id_list,
          })),
          require_signature: false,
        })),
        edge(locale === 'zh-CN' ? '结束' : 'End', 'b1a326c06d88bf042f73d70f50197905'),
      ],
      viewers: body.viewers.map((viewer) => ({
        type: viewer.viewer_type,
        id: viewer.viewer_user_id ?? viewer.viewer_department_id ?? '',
      })),
      approval_admin_ids: body.process_manager_ids ?? [],
    },
  };
}

/** Per app and definition, once: a second time is 1390007. */
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
