import * as z from 'zod';

const approvalSchema = z.object({
  id: z.string(),
  approvalId: z.string(),
  status: z.string(),
  request: z.object({
    issueId: z.string(),
    stages: z.array(z.object({ tasks: z.array(z.object({ statement: z.string().nullable() })) })),
  }),
});
export type OaApproval = z.infer<typeof approvalSchema>;

/** What the demo does at the OA simulator, as its change board would: read the inbox, decide. */
export interface OaClient {
  /** Of one issue, newest first, of whatever state. */
  approvalsOf(issueId: string): Promise<OaApproval[]>;
  approve(id: string, by: string, comment?: string): Promise<void>;
}

/** Every method rejects with an Error whose message is a sentence. */
export function openOa(url: string): OaClient {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${url}/simulator${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(`The OA simulator answered ${response.status} to ${method} ${path}.`);
    return response.json();
  }
  const listSchema = z.object({ approvals: z.array(approvalSchema) });

  return {
    async approvalsOf(issueId) {
      const { approvals } = listSchema.parse(await call('GET', '/approvals'));
      return approvals.filter(({ request }) => request.issueId === issueId);
    },
    approve: async (id, by, comment) => {
      await call('POST', `/approvals/${encodeURIComponent(id)}/approve`, { by, comment });
    },
  };
}
