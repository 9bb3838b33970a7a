import { FLOW_END_ID, FLOW_START_ID, type FlowNode } from './definition-rules.ts';
import { defaultLocale, type Locale, resolveText } from './texts.ts';
import type { Widget } from './widgets.ts';
import type { Definition } from './world.ts';

/**
 * Returns the `data` of GET /approval/v4/approvals/{code} (docs/feishu.md 3.2), in the shape that
 * yunyingk/twc-approval-go-bridge recorded in 2026-09 (external-api/feishu/approval-definition-EA296788-….json). It
 * does not contain approvers.
 */
export function showDefinition({ status, body, widgets, nodes }: Definition, locale?: Locale) {
  const shown = locale ?? defaultLocale(body.i18n_resources);
  const text = (key: string) => resolveText(body.i18n_resources, shown, key);
  return {
    approval_name: text(body.approval_name),
    status,
    form: JSON.stringify(widgets.map((widget) => showWidget(widget, text))),
    // The end node comes before the start node, and both come last.
    node_list: [...nodes.map((node) => showNode(node, text)), edge(FLOW_END_ID), edge(FLOW_START_ID)],
    viewers: body.viewers.map((viewer) => ({
      type: viewer.viewer_type,
      id: viewer.viewer_user_id ?? viewer.viewer_department_id ?? '',
      user_id: viewer.viewer_user_id ?? '',
    })),
    approval_admin_ids: body.process_manager_ids ?? [],
  };
}

/** The children of a list are requested in `value` and returned in `children` (recorded). */
function showWidget(widget: Widget, text: (key: string) => string): Record<string, unknown> {
  return {
    ...(widget.children.length === 0
      ? {}
      : { children: widget.children.map((child) => showWidget(child, text)) }),
    custom_id: widget.customId,
    default_value_type: '',
    display_condition: null,
    enable_default_value: false,
    id: widget.id,
    name: text(widget.name),
    ...widget.settings,
    ...(widget.options.length === 0
      ? {}
      : { option: widget.options.map((option) => ({ value: option.key, text: text(option.text) })) }),
    printable: widget.printable,
    required: widget.required,
    type: widget.type,
    visible: true,
    widget_default_value: '',
  };
}

const showNode = (node: FlowNode, text: (key: string) => string) => ({
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
  empty_assignee_list: [],
  empty_auto_pass: true,
  require_signature: false,
});

const edge = (node_id: string) => ({
  name: '',
  need_approver: false,
  node_id,
  node_type: 'AND',
  approver_chosen_multi: true,
  empty_assignee_list: [],
  require_signature: false,
});
