import * as z from 'zod';

/**
 * Feishu's answers about a definition as they were recorded on real tenants (FEISHU 3.1 and 3.2; LESSONS row 49):
 * each widget has an id of the platform's own, another one after each write, and ours as `custom_id`; the nodes come
 * as ours, then END and START without a name.
 */

const answerSchema = z.looseObject({
  data: z.looseObject({
    form: z.string(),
    node_list: z.array(z.looseObject({ need_approver: z.boolean() })),
  }),
});
const widgetSchema = z.looseObject({ id: z.string(), custom_id: z.string().optional() });

/** A fetch to a simulator that shows definitions so; whatever else it answers goes through as it is. */
export function asRecorded(inner: typeof fetch = fetch): typeof fetch {
  let writes = 0;
  return async (input, init) => {
    const { pathname } = new URL(String(input));
    const method = init?.method?.toUpperCase() ?? 'GET';
    if (method === 'POST' && pathname.endsWith('/approval/v4/approvals')) writes += 1;
    const response = await inner(input, init);
    if (method !== 'GET' || !/\/approval\/v4\/approvals\/[^/]+$/.test(pathname)) return response;
    const text = await response.text();
    const { data: answer } = answerSchema.safeParse(JSON.parse(text));
    const body = answer ? JSON.stringify(recorded(answer, writes)) : text;
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

function recorded({ data, ...rest }: z.infer<typeof answerSchema>, writes: number) {
  const widgets = z.array(widgetSchema).parse(JSON.parse(data.form));
  const form = widgets.map((widget, index) => ({
    ...widget,
    id: `widget179073${writes}${1_000 + index}`,
    custom_id: widget.custom_id || widget.id,
  }));
  const edge = (node_id: string) => ({
    name: '',
    need_approver: false,
    node_id,
    custom_node_id: node_id,
    node_type: 'AND',
    approver_chosen_multi: true,
    require_signature: false,
  });
  const ours = data.node_list
    .filter((node) => node.need_approver)
    .map((node) => ({ ...node, empty_auto_pass: true, empty_assignee_list: [] }));
  return {
    ...rest,
    data: { ...data, form: JSON.stringify(form), node_list: [...ours, edge('END'), edge('START')] },
  };
}
