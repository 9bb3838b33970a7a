import {
  type Approval,
  ASSIGNEE,
  demoIssue,
  OA_STEP_ID,
  withOaStep,
  withStatement,
} from '../frabit/frabit.ts';
import type { OaApproval } from '../simulators/oa/control-client.ts';
import { readIssue, tapApprove, waitForNewCard } from './cards.ts';
import { type DemoStep, type Play, stepApprovalOf } from './play.ts';

const BOARD = 'board@example.com';

/** Waits until the OA has the request for the step, under a new approvalId, and the stage is held. */
function waitForOaRequest(play: Play, before?: Approval): Promise<OaApproval> {
  const expected = `the step requested ${before ? 'again ' : ''}in the OA, and the stage held`;
  return play.until(expected, async (issue) => {
    const approval = stepApprovalOf(issue);
    if (approval?.state !== 'PENDING' || approval.approvalId === before?.approvalId) return undefined;
    if (issue.approvalHold !== 'FLOW_PENDING') return undefined;
    const inTheOa = await play.oa.approvalsOf(play.issueId);
    return inTheOa.find(
      ({ approvalId, status }) => approvalId === approval.approvalId && status === 'PENDING',
    );
  });
}

async function requireNoCard({ simulator, issueId }: Play): Promise<void> {
  const cards = await simulator.instances();
  const isOfIssue = cards.some(({ form }) => form.some(({ value }) => value['en-US'].includes(issueId)));
  if (isOfIssue) throw new Error('The stage was sent to Feishu although the OA has not approved.');
}

/** An issue whose approval flow has a step that the OA decides. */
export const OA_STEPS: DemoStep[] = [
  {
    title: 'Requested in the OA',
    async play(play) {
      await play.table.put(withOaStep(demoIssue(play.issueId, play.front, new Date())));
      await waitForOaRequest(play);
      await requireNoCard(play);
      return 'waits in the OA, nothing in Feishu: FLOW_PENDING';
    },
  },
  {
    title: 'SQL changed while the OA had it',
    async play(play) {
      const before = stepApprovalOf(await readIssue(play));
      const statement = 'UPDATE customers SET loyalty_points = 50 WHERE loyalty_points = 0;';
      await play.table.change(play.issueId, (issue) => withStatement(issue, 'backfill', statement));
      const { request } = await waitForOaRequest(play, before);
      const shown = request.stages.flatMap(({ tasks }) => tasks.map((task) => task.statement));
      if (!shown.includes(statement)) throw new Error('The OA does not get the new SQL.');
      await play.until('the old request withdrawn in the OA', async () => {
        const inTheOa = await play.oa.approvalsOf(play.issueId);
        const old = inTheOa.find(({ approvalId }) => approvalId === before?.approvalId);
        return old?.status === 'CANCELED' ? true : undefined;
      });
      await requireNoCard(play);
      return 'withdrawn there, requested again with the new SQL';
    },
  },
  {
    title: 'Approved in the OA',
    async play(play) {
      const approval = stepApprovalOf(await readIssue(play));
      await play.oa.approve(
        approval?.approvalId ?? '',
        BOARD,
        'In the maintenance window on Thursday night.',
      );
      await play.until('the step APPROVED', (issue) => {
        const step = issue.approvalFlow?.steps.find(({ stepId }) => stepId === OA_STEP_ID);
        const isApproved = stepApprovalOf(issue)?.state === 'APPROVED' && step?.status === 'APPROVED';
        return isApproved ? true : undefined;
      });
      await waitForNewCard(play, 'NEW_STAGE', ASSIGNEE.email);
      return `approved by ${BOARD}, the stage sent to ${ASSIGNEE.email}`;
    },
  },
  { title: 'Approved by one tap', play: (play) => tapApprove(play, ASSIGNEE.email) },
];
