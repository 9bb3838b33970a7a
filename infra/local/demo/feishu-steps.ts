import {
  ASSIGNEE,
  demoIssue,
  stageOf,
  withAssignee,
  withBell,
  withStageRun,
  withStatement,
} from '../frabit/frabit.ts';
import { findPendingCard, isCardOf, readIssue, tapApprove, waitForNewCard } from './cards.ts';
import { approvalOf, type DemoStep, type Play } from './play.ts';

const SECOND_ASSIGNEE = 'lead@example.com';

async function ringBell(play: Play): Promise<string> {
  const before = approvalOf(await readIssue(play));
  await play.table.change(play.issueId, (issue) => withBell(issue, new Date()));
  await waitForNewCard(play, 'BELL', SECOND_ASSIGNEE, before);
  return `sent again to ${SECOND_ASSIGNEE}`;
}

/** An issue without an approval flow: its stages go to Feishu at once. */
export const FEISHU_STEPS: DemoStep[] = [
  {
    title: 'New stage',
    async play(play) {
      await play.table.put(demoIssue(play.issueId, play.front, new Date()));
      await waitForNewCard(play, 'NEW_STAGE', ASSIGNEE.email);
      return `sent to ${ASSIGNEE.email}`;
    },
  },
  {
    title: 'Assignee changed',
    async play(play) {
      const before = approvalOf(await readIssue(play));
      await play.table.change(play.issueId, (issue) => withAssignee(issue, SECOND_ASSIGNEE));
      await waitForNewCard(play, 'ASSIGNEE_CHANGED', SECOND_ASSIGNEE, before);
      await play.until(`no card left with ${ASSIGNEE.email}`, async () => {
        const { pending } = await play.simulator.inbox(ASSIGNEE.email);
        return before && pending.some((card) => isCardOf(card, before)) ? undefined : true;
      });
      return `withdrawn from ${ASSIGNEE.email}, sent to ${SECOND_ASSIGNEE}`;
    },
  },
  {
    title: 'SQL changed',
    async play(play) {
      const before = approvalOf(await readIssue(play));
      const statement = 'UPDATE customers SET loyalty_points = 100 WHERE loyalty_points = 0;';
      await play.table.change(play.issueId, (issue) => withStatement(issue, 'backfill', statement));
      const card = await waitForNewCard(play, 'STATEMENT_CHANGED', SECOND_ASSIGNEE, before);
      const shown = card.form.map(({ value }) => value['en-US']).join('\n');
      if (!shown.includes(statement)) throw new Error('The new card does not show the new SQL.');
      return 'sent again with the new SQL';
    },
  },
  { title: 'Bell', play: ringBell },
  { title: 'Approved by one tap', play: (play) => tapApprove(play, SECOND_ASSIGNEE) },
  {
    title: 'Next stage',
    async play(play) {
      await play.table.change(play.issueId, withStageRun);
      await waitForNewCard(play, 'NEW_STAGE', SECOND_ASSIGNEE);
      return `sent to ${SECOND_ASSIGNEE}`;
    },
  },
  {
    title: 'Rejected',
    async play(play) {
      const card = await findPendingCard(play, SECOND_ASSIGNEE);
      const comment = 'Please run this after the release.';
      await play.simulator.reject(card.instanceCode, SECOND_ASSIGNEE, comment);
      return play.until('the approval REJECTED with its comment, the tasks untouched', (issue) => {
        const approval = approvalOf(issue);
        const untouched = stageOf(issue)?.tasks.every(({ status }) => status === 'PENDING_APPROVAL');
        return approval?.state === 'REJECTED' && approval.decisions[0]?.comment === comment && untouched
          ? `“${comment}”, tasks untouched`
          : undefined;
      });
    },
  },
  { title: 'Bell again', play: ringBell },
  { title: 'Approved', play: (play) => tapApprove(play, SECOND_ASSIGNEE) },
];
