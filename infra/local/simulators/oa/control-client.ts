import * as z from 'zod';
import { controlCaller } from '../kit/control-client.ts';

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

/** What people do in the OA simulator, for the demo: read the inbox, decide. */
export interface OaClient {
  /** The approvals of one issue in any state, newest first. */
  approvalsOf(issueId: string): Promise<OaApproval[]>;
  approve(id: string, by: string, comment?: string): Promise<void>;
}

/** Opens the control of the OA simulator. Methods reject with an Error whose message is a sentence. */
export function openOa(url: string): OaClient {
  const call = controlCaller(`${url}/simulator`, 'The OA simulator');
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
