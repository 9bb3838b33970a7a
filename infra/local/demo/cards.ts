import { type Approval, type Issue, stageOf } from '../frabit/frabit.ts';
import type { Card } from '../simulators/feishu/control-client.ts';
import { approvalOf, type Play } from './play.ts';

/** What people do with cards in the demo. */

/** Waits for the card of the current stage, pending on the record and in Feishu, with the card before closed. */
export function waitForNewCard(play: Play, trigger: string, email: string, before?: Approval): Promise<Card> {
  const expected = `a card for ${email} because of ${trigger}${before ? ', and the one before withdrawn' : ''}`;
  return play.until(expected, async (issue) => {
    const approval = approvalOf(issue);
    if (approval?.state !== 'PENDING' || approval.approvalId === before?.approvalId) return undefined;
    if (!approval.triggers.includes(trigger)) return undefined;
    const { pending } = await play.simulator.inbox(email);
    if (before && pending.some((card) => isCardOf(card, before))) return undefined;
    return pending.find((card) => isCardOf(card, approval));
  });
}

export const isCardOf = (card: Card, approval: Approval): boolean =>
  card.uuid?.toLowerCase() === approval.approvalId.toLowerCase();

export const readIssue = async ({ table, issueId }: Play): Promise<Issue> => {
  const issue = await table.read(issueId);
  if (!issue) throw new Error('The demo issue is not in the table any more.');
  return issue;
};

export const findPendingCard = async (play: Play, email: string): Promise<Card> => {
  const approval = approvalOf(await readIssue(play));
  const { pending } = await play.simulator.inbox(email);
  const card = approval && pending.find((each) => isCardOf(each, approval));
  if (!card) throw new Error(`There is no card for ${email}.`);
  return card;
};

export async function tapApprove(play: Play, email: string): Promise<string> {
  const card = await findPendingCard(play, email);
  await play.simulator.approve(card.instanceCode, email);
  return play.until('every task of the stage PENDING, and the approval APPROVED', (issue) => {
    const tasks = stageOf(issue)?.tasks ?? [];
    const approval = approvalOf(issue);
    if (approval?.state !== 'APPROVED' || tasks.some(({ status }) => status !== 'PENDING')) return undefined;
    const by = approval.decisions[0]?.by.email ?? 'somebody';
    return `approved by ${by}, ${tasks.length} tasks PENDING`;
  });
}
