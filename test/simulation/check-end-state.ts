import { isDeepStrictEqual } from 'node:util';
import { openTasks } from '../../infra/local/simulators/feishu/flow.ts';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import { plan } from '../../shared/approval/plan/plan.ts';
import { isLive, type Round, type Subject } from '../../shared/approval/plan/round.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import { commentText } from '../../shared/feishu/comment-text.ts';
import { type CommentKind, ENDINGS } from '../../shared/issue/approval-words.ts';
import type { IssueRecord, Stage } from '../../shared/issue/record.ts';
import { contentOf } from '../card-reader/hashes.ts';
import type { StoredRecord } from '../support/core.ts';
import { OA_DECIDER, openApprovals, openInstances, perform } from './actions.ts';
import { differencesOf, statusesOn } from './card-contents.ts';
import { checkForgotten, checkUnapproved } from './check-ready-tasks.ts';
import { describeIssue, describeRound } from './describe-round.ts';
import { createFrabit, ISSUES, type IssueIndex, issueIdOf } from './frabit.ts';
import { roundOfInstance } from './invariants.ts';
import { externalStepsOf, hasDecided, isAbout, stepAtTurn } from './oa-decisions.ts';
import { violated } from './violation.ts';
import type { IssueChange, World } from './world.ts';

/** Covers the daily retry of an approver who was not found, and the longest pause between two looks. */
const REST_HOURS = 30;
/** Of a flow in any story. */
const MAX_STEPS = 2;
/** Longer than what any story lets requests stand, with the pauses in which Feishu was out of reach. */
const EXPIRY_HOURS = 8;

/** Faults stop, everything arrives, and reality must equal the plan (docs/design.md 9: 3, 4 and 5). */
export async function checkRest(world: World): Promise<void> {
  const frabit = createFrabit(world);
  world.interceptor.schedule();
  world.tenant.control.behave();
  world.oa.control.behave();
  await world.saveNode(true);
  for (const issue of ISSUES) await perform(world, { do: 'FIX', issue });
  await checkExpiry(world);
  await world.saveSettings({
    enabled: true,
    reminderHours: undefined,
    expiryHours: undefined,
    cutForms: undefined,
    withdrawalComments: undefined,
  });
  await world.rest(REST_HOURS);
  for (const issue of ISSUES) await checkReality(world, issue, await frabit.read(issue));
  checkAudit(world);
}

/** What nobody decided in time does not stand any more. */
async function checkExpiry(world: World): Promise<void> {
  const { enabled, expiryHours } = await world.settings();
  if (!enabled || expiryHours === undefined) return;
  await world.rest(EXPIRY_HOURS);
  const late = world
    .rounds()
    .filter(({ state, channel }) => state === 'PENDING' && channel === 'FEISHU')
    .find(({ sentAt = '' }) => world.clock.now() - Date.parse(sentAt) > (expiryHours + 1) * 3_600_000);
  if (late) throw violated('what nobody decided in time is taken back', describeRound(late));
}

/** The bell, rung by the creator, always works, and a tap on the card that it brings approves the stage. */
export async function checkBell(world: World): Promise<void> {
  const frabit = createFrabit(world);
  for (const issue of ISSUES) {
    await checkFlowBell(world, issue);
    const record = await frabit.read(issue);
    if (!record || !isAskable(world, record)) continue;
    await perform(world, { do: 'RING', issue, by: 'CREATOR' });
    await world.rest(1);
    const rung = await frabit.read(issue);
    const card = cardsOf(world, issue)[0];
    if (!rung || !card || !isAskedOf(world, card, rung)) {
      throw violated('the bell always works', describeIssue(world, issue));
    }
    world.tenant.control.approve(card.instanceCode, rung.assignee?.email ?? '');
    await world.rest(1);
    if (needsApproval(stageOf(await frabit.read(issue)))) {
      throw violated('a tap on the present card approves the stage', describeIssue(world, issue));
    }
  }
}

/** So it does where an OA has the issue: it is asked anew, and its approval passes the step. */
async function checkFlowBell(world: World, issue: IssueIndex): Promise<void> {
  const frabit = createFrabit(world);
  // One ring a step: each passes before the next is asked.
  for (let rings = 0; rings < MAX_STEPS; rings++) {
    const record = await frabit.read(issue);
    const step = record && stepAtTurn(record);
    if (!step) return;
    await perform(world, { do: 'RING', issue, by: 'CREATOR' });
    await world.rest(1);
    const rung = await frabit.read(issue);
    const asked = rung && openApprovals(world).filter((one) => isAbout(one, rung, step));
    const [approval] = asked ?? [];
    if (!approval || asked?.length !== 1)
      throw violated('the bell always works', describeIssue(world, issue));
    world.oa.control.approve(approval.id, OA_DECIDER);
    await world.rest(1);
    const passed = (await frabit.read(issue))?.approvalFlow?.steps.find((one) => one.stepId === step.stepId);
    if (passed?.status !== 'APPROVED') {
      throw violated("an OA's approval passes its step", describeIssue(world, issue));
    }
  }
}

/** What the OA has of an issue, and what the record says of it. */
function checkFlow(
  world: World,
  issue: IssueIndex,
  record: IssueRecord | undefined,
  rounds: readonly Round[],
): void {
  const open = openApprovals(world).filter(({ request }) => request.issueId === issueIdOf(issue));
  const live = rounds.filter((round) => isLive(round) && round.channel === 'EXTERNAL');
  for (const { approvalId } of open) {
    if (!live.some((round) => round.approvalId === approvalId))
      throw violated('nothing is left open at the OA that no live round knows', describeIssue(world, issue));
  }
  const step = record && stepAtTurn(record);
  if (live.some(({ subject }) => subject.id !== step?.stepId))
    throw violated('no step stands that is not wanted', describeIssue(world, issue));
  if (record?.status !== 'OPEN') return;
  for (const one of externalStepsOf(record)) {
    if (one.status !== 'PENDING' && !hasDecided(world, one.status, record, one))
      throw violated('a step says what its OA decided on this very content', describeIssue(world, issue));
  }
  if (!step || step.status === 'REJECTED') return;
  const asked = open.filter((one) => isAbout(one, record, step));
  const [round] = live;
  const asks = asked.length === 1 && open.length === 1 && round?.state === 'PENDING';
  if (!asks || round?.approvalId !== asked[0]?.approvalId)
    throw violated('what is wanted is asked for', describeIssue(world, issue));
}

async function checkReality(world: World, issue: IssueIndex, record: IssueRecord | undefined): Promise<void> {
  const { documents, tables } = world.dynamo;
  const snapshot = await createDynamoStore(documents, tables).read(issueIdOf(issue));
  const [step] = plan(snapshot, world.clock.date());
  // Nobody hints an issue that is gone, if that hint is lost: that it is gone is then remembered with its next record.
  const isGone = snapshot.issue.kind === 'ABSENT' && step?.do === 'REMEMBER';
  if (step && !isGone)
    throw violated('once faults stop, nothing is left to do', `${step.do} ${describeIssue(world, issue)}`);
  // All of them: the plan reads no past rounds, but what was promised of them holds as well.
  const rounds = await world.roundsOf(issueIdOf(issue));
  const live = rounds.filter(isLive);
  for (const card of cardsOf(world, issue)) {
    if (!live.some((round) => round === roundOfInstance(rounds, card))) {
      throw violated('no card is left open that no live round knows', describeIssue(world, issue));
    }
  }
  checkFlow(world, issue, record, rounds);
  if (record) checkForgotten(world, issue, record);
  if (record) checkUnapproved(world, issue, record);
  if (record) checkWrittenBack(world, issue, record, rounds);
  if (!world.refusalsExpected) checkRemarks(world, issue, rounds);
  if (!record || !mayStand(record)) {
    if (live.some(({ subject }) => subject.kind === 'STAGE'))
      throw violated('nothing stands that is not wanted', describeIssue(world, issue));
    return;
  }
  if (isAskable(world, record) && !isWaitingForBell(record)) checkAsked(world, issue, record, rounds);
}

/** The record says of each stage and step what became of its latest request. */
function checkWrittenBack(
  world: World,
  issue: IssueIndex,
  record: StoredRecord,
  rounds: readonly Round[],
): void {
  for (const { stageId } of record.stages)
    checkTold(world, issue, { kind: 'STAGE', id: stageId }, record.stageApprovals, rounds);
  for (const { stepId } of externalStepsOf(record))
    checkTold(world, issue, { kind: 'STEP', id: stepId }, record.stepApprovals, rounds);
}

function checkTold(
  world: World,
  issue: IssueIndex,
  subject: Subject,
  entries: StoredRecord['stageApprovals'],
  rounds: readonly Round[],
): void {
  const [last] = rounds
    .filter((round) => isDeepStrictEqual(round.subject, subject))
    .sort((a, b) => b.generation - a.generation);
  if (last) {
    const { approvalId, generation, state, triggers, closeReason, decisions, error } = last;
    const told = Object(entries?.[subject.id]);
    const same = isDeepStrictEqual(
      [
        told.approvalId,
        told.generation,
        told.state,
        told.triggers,
        told.closeReason,
        told.decisions,
        told.error,
      ],
      [approvalId, generation, state, triggers, closeReason, decisions, error],
    );
    if (!same) throw violated('the record tells of the latest request', describeIssue(world, issue));
    const applies = ['APPROVED', 'REJECTED', 'REVERTED'].includes(state);
    if (decisions.some(({ applied }) => applied !== applies))
      throw violated('a decision is applied where the state says so', describeIssue(world, issue));
  }
}

/** What we had to say to the people at a card stands on it. */
function checkRemarks(world: World, issue: IssueIndex, rounds: readonly Round[]): void {
  for (const round of rounds) {
    const card = world.tenant.world.instances.get(round.instanceCode ?? '');
    if (!card) continue;
    const said = card.comments.map(({ text }) => text);
    const all = [...round.remarks, ...round.remarked].filter((remark) => remark !== 'WITHDRAWN');
    if (all.some((remark) => !said.includes(commentText(remark)))) {
      throw violated('what is to be said is said', describeIssue(world, issue));
    }
    checkWithdrawal(world, card, round, rounds);
  }
}

/** A card that we withdrew while it was open says why, once, and no other card does (docs/lessons.md 47). */
function checkWithdrawal(world: World, card: Instance, round: Round, rounds: readonly Round[]): void {
  const { canceled, withdrawnByPeople, commentsOff, workersOverlapped } = world;
  const said = card.comments.map(({ text }) => text).filter((text) => text.includes('was withdrawn'));
  const ours = canceled.has(card.instanceCode) && card.status === 'CANCELED';
  // Whoever withdraws a card in the moment of our cancel is not told apart from us.
  if (!ours && said.length > 0 && !withdrawnByPeople.get(card.instanceCode))
    throw violated('only what we withdrew says so', describeRound(round));
  const decided = ABOUT_DECISIONS.some((remark) => round.remarked.includes(remark));
  if (!ours || commentsOff) return;
  const right = said.every((text) => whysOf(world, round, rounds).includes(text));
  const often = decided ? said.length === 0 : workersOverlapped ? said.length > 0 : said.length === 1;
  if (!right || !often) throw violated('a card that we withdrew says why, once', describeRound(round));
}

/** What became of a decision is said in place of why the card was withdrawn. */
const ABOUT_DECISIONS: readonly CommentKind[] = [
  'CONTENT_MOVED_ON',
  'LATE_DECISION',
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
];

/**
 * The reason that stands on the record, and who is asked: if a request was opened in the same transaction, by that one
 * or by one after it, whichever was live when the comment was first tried; nobody, if none needs to have been.
 */
function whysOf(world: World, round: Round, rounds: readonly Round[]): string[] {
  const { state, closeReason, approvalId, subject, generation } = round;
  const later = rounds.filter(
    (one) => isDeepStrictEqual(one.subject, subject) && one.generation > generation,
  );
  const next = later.find((one) => one.generation === generation + 1);
  const together = next && world.openingCommand.get(next.approvalId) === world.closingCommand.get(approvalId);
  const ending = ENDINGS.find((one) => one === state);
  const why = (successor: string | undefined) =>
    commentText('WITHDRAWN', { reason: ending ?? closeReason, successor });
  if (!together) return [why(undefined)];
  const asked = later.map(({ approvers }) => why(approvers[0]?.email));
  return later.every(isLive) ? asked : [...asked, why(undefined)];
}

/** A stage that is to be asked for is asked for, or rests for a reason that a person can see. */
function checkAsked(world: World, issue: IssueIndex, record: IssueRecord, rounds: readonly Round[]): void {
  const stage = stageOf(record);
  if (!stage) return;
  const [last] = rounds
    .filter(({ subject }) => subject.kind === 'STAGE' && subject.id === stage.stageId)
    .sort((a, b) => b.generation - a.generation);
  const same = last?.content === contentOf(record, stage) && !asksAnew(world, last, stage);
  if (last && same && isSilent(world, last) && !hasComeBack(world, issue, stage, last)) return;
  const cards = cardsOf(world, issue);
  const [card] = cards;
  const asks = last?.state === 'PENDING' && same && cards.length === 1 && card !== undefined;
  if (!asks) throw violated('what is wanted is asked for', describeIssue(world, issue));
  if (differencesOf(world, card, record, stage).length > 0)
    throw violated('the open card shows the present SQL', describeIssue(world, issue));
}

/** Whether a task asks that the card of the round calls something else. */
function asksAnew(world: World, { instanceCode }: Round, stage: Stage): boolean {
  const card = world.tenant.world.instances.get(instanceCode ?? '');
  const shown = card && statusesOn(world, card, stage);
  return stage.tasks.some(
    ({ status }, at) => status === 'PENDING_APPROVAL' && shown && shown[at] !== 'PENDING_APPROVAL',
  );
}

/**
 * Whether the issue surely came to its stage anew after this round was closed, be it between two looks of the worker
 * (docs/lessons.md 40). Only hints tell of that: where one was lost, or came while the record was invalid, or two
 * workers were at it, nobody can know.
 */
function hasComeBack(world: World, issue: IssueIndex, { stageId }: Stage, round: Round): boolean {
  const isOurs = ({ issueId }: IssueChange) => issueId === issueIdOf(issue);
  const isSure = ({ after }: IssueChange) =>
    after !== undefined && after.title?.S !== '' && after.approvalFlow === undefined;
  const isUnheard = world.hintsLost || world.workersOverlapped || world.queue.deadLetters().length > 0;
  if (isUnheard || !world.changes.filter(isOurs).every(isSure)) return false;
  const at = (image: IssueChange['after']) => image?.currentStageId?.S;
  return world.changes
    .slice(world.changesAtClosing.get(round.approvalId))
    .filter(isOurs)
    .some(({ before, after }) => at(after) === stageId && at(before) !== stageId);
}

/** Decided or ended, with nothing to be sent until one of the four triggers occurs (docs/contract.md 1). */
function isSilent({ refusalsExpected }: World, { state, closeReason, error, decisions }: Round): boolean {
  switch (state) {
    case 'REJECTED':
    case 'CANCELED':
    case 'EXPIRED':
    case 'DELETED':
    case 'REVERTED':
      return true;
    case 'FAILED':
      return error?.code !== 'ASSIGNEE_NOT_IN_FEISHU' && (decisions.length > 0 || refusalsExpected);
    case 'WITHDRAWN':
      return closeReason === 'EXPIRED_BY_US';
    default:
      return false;
  }
}

/** Every decision is in the audit trail; where a card that was sent back went on by itself, that it was sent back is. */
function checkAudit(world: World): void {
  const rounds = world.rounds();
  for (const instance of world.tenant.world.instances.values()) {
    const round = roundOfInstance(rounds, instance);
    if (!round || !['APPROVED', 'REJECTED'].includes(instance.status)) continue;
    const [decision] = round.decisions;
    if (decision?.result !== instance.status && !isReturn(instance, decision)) {
      throw violated('every decision is in the audit trail', `${instance.status} ${describeRound(round)}`);
    }
  }
  for (const { approvalId, status } of world.oa.approvals.values()) {
    const round = rounds.find((one) => one.approvalId === approvalId);
    if (status !== 'APPROVED' && status !== 'REJECTED') continue;
    if (round?.decisions[0]?.result !== status)
      throw violated('every decision is in the audit trail', `${status} ${round && describeRound(round)}`);
  }
}

const isReturn = (instance: Instance, decision: Round['decisions'][number] | undefined): boolean =>
  decision?.result === 'REJECTED' &&
  instance.timeline.some(({ type, at }) => type === 'ROLLBACK' && at === Date.parse(decision.at));

const stageOf = (issue: IssueRecord | undefined): Stage | undefined =>
  issue?.stages.find(({ stageId }) => stageId === issue.currentStageId);
const needsApproval = (stage: Stage | undefined): boolean =>
  stage?.tasks.some(({ status }) => status === 'PENDING_APPROVAL') ?? false;
const isWaitingForBell = ({ approvalMode }: IssueRecord): boolean => approvalMode === 'BELL_ONLY';

/** Whether a request of this record may stand, in words of its own: a running check holds back, and takes nothing back. */
function mayStand(issue: IssueRecord): boolean {
  const stage = stageOf(issue);
  return (
    issue.status === 'OPEN' &&
    needsApproval(stage) &&
    issue.assignee?.email !== undefined &&
    !issue.approvalFlow?.steps.some(({ status }) => status !== 'APPROVED') &&
    !stage?.tasks.some(({ check }) => check === 'ERROR')
  );
}

/** Whether a request must stand, with an approver whom Feishu knows. */
const isAskable = ({ tenant }: World, issue: IssueRecord): boolean =>
  mayStand(issue) &&
  !stageOf(issue)?.tasks.some(({ check }) => check === 'RUNNING') &&
  tenant.world.people.byEmail(issue.assignee?.email ?? '') !== undefined;

/**
 * The open cards of an issue, but for those of a time limit that was lifted: only an event tells of that, and if it is
 * lost too, a tap on such a card has no effect.
 */
const cardsOf = (world: World, issue: IssueIndex): Instance[] => {
  const rounds = world.rounds();
  return openInstances(world).filter((instance) => {
    const round = roundOfInstance(rounds, instance);
    return round?.issueId === issueIdOf(issue) && !isLeftWithLimitLifted(world, round, instance);
  });
};

const isLeftWithLimitLifted = (
  { limitLifted }: World,
  { state }: Round,
  { instanceCode }: Instance,
): boolean => state === 'EXPIRED' && limitLifted.has(instanceCode);

function isAskedOf({ tenant }: World, card: Instance, issue: IssueRecord): boolean {
  const person = tenant.world.people.byEmail(issue.assignee?.email ?? '')?.openId;
  return openTasks(card).some(({ openId }) => openId === person);
}
