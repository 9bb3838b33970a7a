import { defaultLocale, type Locale, resolveText } from './texts.ts';
import type { Instance, World } from './world.ts';

/** `data` of GET /approval/v4/instances/{code or uuid} (FEISHU 3.5). `user_id`s need a scope that nobody grants. */
export function showInstance(world: World, instance: Omit<Instance, 'before'>, locale?: Locale) {
  const resources = instance.definition.body.i18n_resources;
  const shown = locale ?? defaultLocale(resources);
  const text = (key: string) => resolveText(resources, shown, key);
  return {
    approval_code: instance.definition.approvalCode,
    approval_name: text(instance.definition.body.approval_name),
    instance_code: instance.instanceCode,
    serial_number: instance.serialNumber,
    department_id: '',
    open_id: instance.initiator,
    status: statusShown(world, instance),
    reverted: instance.reverted,
    start_time: String(instance.startTime),
    end_time: String(instance.endTime),
    ...(instance.uuid === undefined ? {} : { uuid: instance.uuid }),
    ...(instance.title === undefined ? {} : { title: instance.title }),
    form: spellForm(instance, text),
    i18n_resources: instance.resources,
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
    comment_list: instance.comments.map((comment) => ({
      id: comment.id,
      open_id: comment.openId,
      comment: comment.text,
      create_time: String(comment.at),
      files: [],
    })),
    timeline: instance.timeline.map((entry) => ({
      type: entry.type,
      create_time: String(entry.at),
      ...(entry.openId === '' ? {} : { open_id: entry.openId }),
      ...(entry.taskId === undefined ? {} : { task_id: entry.taskId }),
      ...(entry.comment === undefined ? {} : { comment: entry.comment }),
      open_id_list: entry.openIds ?? [],
      user_id_list: [],
      cc_user_list: [],
      ext: '{}',
    })),
  };
}

function statusShown({ undocumented }: World, instance: Omit<Instance, 'before'>) {
  if (instance.status !== 'PENDING') return instance.status;
  if (instance.overtime) return instance.overtimeShownAs;
  return instance.reverted ? undocumented.revertedShowsAs : instance.status;
}

/** The form as Feishu gives it back: more fields, another order, and `&`, `<`, `>` escaped (FEISHU 12.15). */
function spellForm(instance: Omit<Instance, 'before'>, text: (key: string) => string): string {
  const widgets = instance.widgets.flatMap((widget) => {
    const given = instance.form.find(({ id }) => id === widget.id || id === widget.custom_id);
    if (given === undefined) return [];
    return [
      {
        id: widget.id,
        custom_id: widget.custom_id,
        name: text(widget.name),
        type: widget.type,
        ext: null,
        value: given.value,
      },
    ];
  });
  return JSON.stringify(widgets).replace(
    /[&<>]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
