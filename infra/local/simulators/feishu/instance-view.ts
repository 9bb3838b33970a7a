import { rowsOf, type WidgetValue } from './form-values.ts';
import { defaultLocale, type Locale, resolveText } from './texts.ts';
import type { Widget } from './widgets.ts';
import type { Instance, TimelineEntry, World } from './world.ts';

/**
 * Returns the `data` of GET /approval/v4/instances/{code or uuid} (docs/feishu.md 3.5), without `user_id`s, which need
 * a scope that nobody grants. AS_IN_2022 is the answer that bytebase b177c8f777 recorded in 2022-11.
 */
export function showInstance(world: World, instance: Omit<Instance, 'before'>, locale?: Locale) {
  const resources = instance.definition.body.i18n_resources;
  const shown = locale ?? defaultLocale(resources);
  const text = (key: string) => resolveText(resources, shown, key);
  const old = world.switches.instancesShownAs === 'AS_IN_2022';
  return {
    approval_code: instance.definition.approvalCode,
    approval_name: text(instance.definition.body.approval_name),
    serial_number: instance.serialNumber,
    department_id: '',
    open_id: instance.initiator,
    status: statusShown(world, instance),
    reverted: instance.reverted,
    start_time: String(instance.startTime),
    end_time: String(instance.endTime),
    form: formatForm(instance, text),
    ...(old ? { uuid: '' } : addedSince(instance)),
    task_list: instance.tasks.map((task) => ({
      id: task.id,
      open_id: task.openId,
      status: task.status,
      type: task.type,
      node_id: task.node.nodeId,
      custom_node_id: task.node.id,
      node_name: text(task.node.name),
      start_time: String(task.startTime),
      end_time: String(task.endTime),
    })),
    timeline: instance.timeline.map((entry) =>
      old ? showEntry(entry) : { ...showEntry(entry), ...listsOf(entry) },
    ),
  };
}

/** The fields that GET did not return in 2022. */
const addedSince = (instance: Omit<Instance, 'before'>) => ({
  instance_code: instance.instanceCode,
  ...(instance.uuid === undefined ? {} : { uuid: instance.uuid }),
  ...(instance.title === undefined ? {} : { title: instance.title }),
  i18n_resources: instance.resources,
  comment_list: instance.comments.map((comment) => ({
    id: comment.id,
    open_id: comment.openId,
    comment: comment.text,
    create_time: String(comment.at),
    files: [],
  })),
});

const showEntry = (entry: TimelineEntry) => ({
  type: entry.type,
  create_time: String(entry.at),
  ...(entry.openId === '' ? {} : { open_id: entry.openId }),
  ...(entry.taskId === undefined ? {} : { task_id: entry.taskId }),
  ...(entry.comment === undefined ? {} : { comment: entry.comment }),
  // Empty for START (bytebase b177c8f777, 2022-11), the key of the node for its entries (recorded in 2025-10).
  node_key: entry.nodeKey ?? '',
  ext: '{}',
});

const listsOf = (entry: TimelineEntry) => ({
  open_id_list: entry.openIds ?? [],
  user_id_list: [],
  cc_user_list: [],
});

function statusShown({ undocumented }: World, instance: Omit<Instance, 'before'>) {
  if (instance.status !== 'PENDING') return instance.status;
  if (instance.overtime) return instance.overtimeShownAs;
  return instance.reverted ? undocumented.revertedShowsAs : instance.status;
}

/** Returns the form as Feishu does: more fields, another order, and `&`, `<`, `>` escaped (docs/feishu.md 12.15). */
function formatForm(instance: Omit<Instance, 'before'>, text: (key: string) => string): string {
  return JSON.stringify(formatWidgets(instance.widgets, instance.form, text)).replace(
    /[&<>]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function formatWidgets(
  widgets: readonly Widget[],
  values: readonly WidgetValue[],
  text: (key: string) => string,
): Record<string, unknown>[] {
  return widgets.flatMap((widget) => {
    const given = values.find(({ id }) => id === widget.id);
    if (given === undefined) return [];
    const rows = rowsOf(given);
    return [
      {
        id: widget.id,
        custom_id: widget.customId,
        name: text(widget.name),
        type: widget.type,
        ext: null,
        value: rows.length === 0 ? given.value : rows.map((row) => formatWidgets(widget.children, row, text)),
      },
    ];
  });
}
