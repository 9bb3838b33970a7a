import { isDeepStrictEqual } from 'node:util';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import { plan } from '../../shared/approval/plan/plan.ts';
import { isLive, type Round, type Subject } from '../../shared/approval/plan/round.ts';
import { createDynamoStore } from '../../shared/approval/store/dynamo-store.ts';
import type { IssueRecord, Stage } from '../../shared/issue/record.ts';
import { contentOf } from '../card-reader/hashes.ts';
import type { StoredRecord } from '../support/core.ts';
import { openApprovals } from './act-as-people.ts';
import { differencesOf, statusesOn } from './card-contents.ts';
import { checkComments } from './check-comments.ts';
import { checkChangedTasks, checkUnapprovedTasks } from './check-ready-tasks.ts';
import { describeIssue, describeRound } from './describe-round.ts';
import { createFrabit, ISSUES, type IssueIndex, issueIdOf } from './frabit.ts';
import { roundOfInstance } from './invariants.ts';
import { externalStepsOf, hasDecided, isAbout, stepToAsk } from './oa-decisions.ts';
import { perform } from './perform-action.ts';
import type { IssueChange } from './recorded-dynamodb.ts';
import { violated } from './violation.ts';
import { cardsOf, mayBeOpen, mustBeOpen, stageOf } from './wanted-cards.ts';
import type { World } from './world.ts';

/** Longer than the daily retry for an unknown approver, and than the longest pause between two looks. */
const REST_HOURS = 30;
/** Longer than the time limit in any story, with the pauses after Feishu was unavailable. */
const EXPIRY_HOURS = 8;

/** Stops all faults, delivers everything, and checks that the cards are as the records want (docs/design.md 9: 3, 4 and 5). */
export async function checkEndState(world: World): Promise<void> {
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
  for (const issue of ISSUES) await checkIssue(world, issue, await frabit.read(issue));
  checkAudit(world);
}

/** No pending round is older than the time limit of the settings. */
async function checkExpiry(world: World): Promise<void> {
  const { enabled, expiryHours } = await world.settings();
  if (!enabled || expiryHours === undefined) return;
  await world.rest(EXPIRY_HOURS);
  const late = world
    .rounds()
    .filter(({ state, channel }) => state === 'PENDING' && channel === 'FEISHU')
    .find(({ sentAt = '' }) => world.clock.now() - Date.parse(sentAt) > (expiryHours + 1) * 3_600_000);
  if (late) throw violated('a round that nobody decided in time is withdrawn', describeRound(late));
}

/** The open approvals at the OA and the record of the issue agree. */
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
      throw violated('every open approval at the OA has a live round', describeIssue(world, issue));
  }
  const step = record && stepToAsk(record);
  if (live.some(({ subject }) => subject.id !== step?.stepId))
    throw violated('no step is asked that is not wanted', describeIssue(world, issue));
  if (record?.status !== 'OPEN') return;
  for (const one of externalStepsOf(record)) {
    if (one.status !== 'PENDING' && !hasDecided(world, one.status, record, one))
      throw violated(
        'the status of a step is what its OA decided on exactly this content',
        describeIssue(world, issue),
      );
  }
  if (!step || step.status === 'REJECTED') return;
  const asked = open.filter((one) => isAbout(one, record, step));
  const [round] = live;
  const asks = asked.length === 1 && open.length === 1 && round?.state === 'PENDING';
  if (!asks || round?.approvalId !== asked[0]?.approvalId)
    throw violated('every wanted approval is requested', describeIssue(world, issue));
}

async function checkIssue(world: World, issue: IssueIndex, record: IssueRecord | undefined): Promise<void> {
  const { documents, tables } = world.dynamo;
  const snapshot = await createDynamoStore(documents, tables).read(issueIdOf(issue));
  const [next] = plan(snapshot, world.clock.date());
  // If the hint about a deletion is lost, the issue memory learns of it only with the next record of the issue.
  const isGone = snapshot.issue.kind === 'ABSENT' && next?.do === 'REMEMBER';
  if (next && !isGone)
    throw violated('once faults stop, nothing is left to do', `${next.do} ${describeIssue(world, issue)}`);
  // The plan does not read past rounds, but the promises hold for them, too.
  const rounds = await world.roundsOf(issueIdOf(issue));
  const live = rounds.filter(isLive);
  for (const card of cardsOf(world, issue)) {
    if (!live.some((round) => round === roundOfInstance(rounds, card))) {
      throw violated('every open card has a live round', describeIssue(world, issue));
    }
  }
  checkFlow(world, issue, record, rounds);
  if (record) checkChangedTasks(world, issue, record);
  if (record) checkUnapprovedTasks(world, issue, record);
  if (record) checkWrittenBack(world, issue, record, rounds);
  if (!world.refusalsExpected) checkComments(world, issue, rounds);
  if (!record || !mayBeOpen(record)) {
    if (live.some(({ subject }) => subject.kind === 'STAGE'))
      throw violated('no approval is requested that is not wanted', describeIssue(world, issue));
    return;
  }
  if (mustBeOpen(world, record) && !isWaitingForBell(record)) checkAsked(world, issue, record, rounds);
}

/** The record holds the state of the latest round of each stage and step. */
function checkWrittenBack(
  world: World,
  issue: IssueIndex,
  record: StoredRecord,
  rounds: readonly Round[],
): void {
  for (const { stageId } of record.stages)
    checkEntry(world, issue, { kind: 'STAGE', id: stageId }, record.stageApprovals, rounds);
  for (const { stepId } of externalStepsOf(record))
    checkEntry(world, issue, { kind: 'STEP', id: stepId }, record.stepApprovals, rounds);
}

function checkEntry(
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
    const entry = Object(entries?.[subject.id]);
    const same = isDeepStrictEqual(
      [
        entry.approvalId,
        entry.generation,
        entry.state,
        entry.triggers,
        entry.closeReason,
        entry.decisions,
        entry.error,
      ],
      [approvalId, generation, state, triggers, closeReason, decisions, error],
    );
    if (!same) throw violated('the record holds the state of the latest round', describeIssue(world, issue));
    const applies = ['APPROVED', 'REJECTED', 'REVERTED'].includes(state);
    if (decisions.some(({ applied }) => applied !== applies))
      throw violated('a decision is applied exactly if the state says so', describeIssue(world, issue));
  }
}

/** A stage that needs an approval has an open request, or people can see why it has none. */
function checkAsked(world: World, issue: IssueIndex, record: IssueRecord, rounds: readonly Round[]): void {
  const stage = stageOf(record);
  if (!stage) return;
  const [last] = rounds
    .filter(({ subject }) => subject.kind === 'STAGE' && subject.id === stage.stageId)
    .sort((a, b) => b.generation - a.generation);
  const same = last?.content === contentOf(record, stage) && !asksAnew(world, last, stage);
  if (last && same && waitsForTrigger(world, last) && !hasComeBack(world, issue, stage, last)) return;
  const cards = cardsOf(world, issue);
  const [card] = cards;
  const asks = last?.state === 'PENDING' && same && cards.length === 1 && card !== undefined;
  if (!asks) throw violated('every wanted approval is requested', describeIssue(world, issue));
  if (differencesOf(world, card, record, stage).length > 0)
    throw violated('the open card shows the present SQL', describeIssue(world, issue));
}

/** Whether a task asks although the card of the round shows it with another status. */
function asksAnew(world: World, { instanceCode }: Round, stage: Stage): boolean {
  const card = world.tenant.world.instances.get(instanceCode ?? '');
  const shown = card && statusesOn(world, card, stage);
  return stage.tasks.some(
    ({ status }, at) => status === 'PENDING_APPROVAL' && shown && shown[at] !== 'PENDING_APPROVAL',
  );
}

/**
 * Whether the issue certainly came back to its stage after this round was closed, even between two reads of the worker
 * (docs/lessons.md 40). Only hints report that. Returns false if a hint was lost, or came while the record was invalid,
 * or two workers handled the issue at once.
 */
function hasComeBack(world: World, issue: IssueIndex, { stageId }: Stage, round: Round): boolean {
  const isOurs = ({ issueId }: IssueChange) => issueId === issueIdOf(issue);
  const isSure = ({ after }: IssueChange) =>
    after !== undefined && after.title?.S !== '' && after.approvalFlow === undefined;
  const mayBeUnknown = world.hintsLost || world.workersOverlapped || world.queue.deadLetters().length > 0;
  if (mayBeUnknown || !world.changes.filter(isOurs).every(isSure)) return false;
  const at = (image: IssueChange['after']) => image?.currentStageId?.S;
  return world.changes
    .slice(world.changesAtClosing.get(round.approvalId))
    .filter(isOurs)
    .some(({ before, after }) => at(after) === stageId && at(before) !== stageId);
}

/** Whether a round is closed and nothing is sent until one of the four triggers occurs (docs/contract.md 1). */
function waitsForTrigger(
  { refusalsExpected }: World,
  { state, closeReason, error, decisions }: Round,
): boolean {
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

/** Every decision is in the audit trail. If a returned card was decided later, the return is there instead. */
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

const isWaitingForBell = ({ approvalMode }: IssueRecord): boolean => approvalMode === 'BELL_ONLY';
