import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import { isLive, type Round } from '../../shared/approval/plan/round.ts';
import { commentText } from '../../shared/feishu/comment-text.ts';
import { type CommentKind, ENDINGS } from '../../shared/issue/approval-words.ts';
import { describeIssue, describeRound } from './describe-round.ts';
import type { IssueIndex } from './frabit.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Each comment that a round owes is on its card. */
export function checkComments(world: World, issue: IssueIndex, rounds: readonly Round[]): void {
  for (const round of rounds) {
    const card = world.tenant.world.instances.get(round.instanceCode ?? '');
    if (!card) continue;
    const said = card.comments.map(({ text }) => text);
    const all = [...round.remarks, ...round.remarked].filter((remark) => remark !== 'WITHDRAWN');
    if (all.some((remark) => !said.includes(commentText(remark)))) {
      throw violated('every comment that is due is on the card', describeIssue(world, issue));
    }
    checkWithdrawalComment(world, card, round, rounds);
  }
}

/**
 * A card that the product withdrew while it was open has one comment with the reason, and no other card has one
 * (docs/lessons.md 47).
 */
function checkWithdrawalComment(world: World, card: Instance, round: Round, rounds: readonly Round[]): void {
  const { canceled, withdrawnByPeople, commentsOff, workersOverlapped } = world;
  const said = card.comments.map(({ text }) => text).filter((text) => text.includes('was withdrawn'));
  const ours = canceled.has(card.instanceCode) && card.status === 'CANCELED';
  // A person who withdraws a card during our cancel cannot be distinguished from us.
  if (!ours && said.length > 0 && !withdrawnByPeople.get(card.instanceCode))
    throw violated('only a card that the product withdrew says so', describeRound(round));
  const decided = ABOUT_DECISIONS.some((remark) => round.remarked.includes(remark));
  if (!ours || commentsOff) return;
  const isText = said.every((text) => expectedTexts(world, round, rounds).includes(text));
  const isOnce = decided ? said.length === 0 : workersOverlapped ? said.length > 0 : said.length === 1;
  if (!isText || !isOnce) throw violated('a withdrawn card gives its reason once', describeRound(round));
}

/** Comments about a decision. They replace the comment about the withdrawal. */
const ABOUT_DECISIONS: readonly CommentKind[] = [
  'CONTENT_MOVED_ON',
  'LATE_DECISION',
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
];

/**
 * The texts that the comment may have: the reason on the record and the approver of the successor. If a later round
 * replaced the successor before the comment was first tried, the comment names the approver of that round, or nobody if
 * no round was live. Without a successor the comment names nobody.
 */
function expectedTexts(world: World, round: Round, rounds: readonly Round[]): string[] {
  const { state, closeReason, approvalId, subject, generation } = round;
  const later = rounds.filter(
    (one) => isDeepStrictEqual(one.subject, subject) && one.generation > generation,
  );
  const next = later.find((one) => one.generation === generation + 1);
  const isSuccessor =
    next && world.openingCommand.get(next.approvalId) === world.closingCommand.get(approvalId);
  const ending = ENDINGS.find((one) => one === state);
  const text = (successor: string | undefined) =>
    commentText('WITHDRAWN', { reason: ending ?? closeReason, successor });
  if (!isSuccessor) return [text(undefined)];
  const asked = later.map(({ approvers }) => text(approvers[0]?.email));
  return later.every(isLive) ? asked : [...asked, text(undefined)];
}
