import { canonicalContent, currentStage, parseContent, stageContent, taskHash } from '../issue/content.ts';
import type { IssueRecord } from '../issue/record.ts';
import { detectTriggers, type Trigger, triggerView } from '../issue/triggers.ts';
import type { Hint } from './hint.ts';
import { type CloseReason, type IssueMemory, isLive, type Round, type Subject } from './round.ts';
import { asMap, type Hints, type IssueState, type Snapshot, type WrittenBack } from './snapshot.ts';
import { heardRings, isRinging, isStageWanted, type Wanted } from './wanted.ts';
import { currentRounds, planWriteBack, type WriteBack } from './write-back.ts';

/** A round to be opened. */
export interface Opening {
  subject: Subject;
  generation: number;
  triggers: Trigger[];
}

/** One thing to do; each is safe to repeat. */
export type Step =
  | { do: 'REMEMBER'; memory: IssueMemory }
  /** Tasks approved through us that were changed since: back to PENDING_APPROVAL. */
  | { do: 'DEMAND_APPROVAL'; stageId: string; taskIds: string[] }
  | { do: 'OPEN'; opening: Opening }
  | { do: 'SEND'; approvalId: string }
  | { do: 'LOOK'; approvalId: string; heard: Heard }
  | { do: 'WITHDRAW'; approvalId: string; reason: CloseReason; next?: Opening }
  | { do: 'WRITE_BACK'; writeBack: WriteBack }
  | { do: 'SETTLE'; approvalId: string }
  | { do: 'REMARK'; approvalId: string };

/** What the hints say of an instance; it decides whether to look, never what is true. */
export interface Heard {
  /** An event called it decided: GET may lag behind. */
  decided: boolean;
  /** Feishu closed it by a time limit, which GET does not tell. */
  overtime: boolean;
}

/**
 * The difference between what should be and what is, as steps in the order they are to be done (DESIGN, "The
 * plan"). Pure: no I/O. An invalid record plans nothing but its `approvalError`.
 */
export function plan(snapshot: Snapshot, now: Date, hints: Hints = []): Step[] {
  const { issue, rounds } = snapshot;
  const writeBack = planWriteBack(snapshot, now);
  const writes: Step[] = writeBack ? [{ do: 'WRITE_BACK', writeBack }] : [];
  if (issue.kind === 'INVALID') return writes;

  const remember = planMemory(snapshot, hints);
  if (remember) return [remember];
  const current = currentRounds(rounds);
  return [
    ...planDemands(issue, current),
    ...rounds.filter((round) => isLive(round) && !current.includes(round)).map(withdraw('SUPERSEDED')),
    ...planSubjects(snapshot, current, now, hints),
    ...writes,
    ...rounds.flatMap((round) => planAftermath(round, now, hints)),
  ];
}

/** What to remember when the issue is seen at another stage than before; `arrived` tells its bell on arrival. */
function planMemory({ issueId, issue, rounds, memory }: Snapshot, hints: Hints): Step | undefined {
  const record = issue.kind === 'VALID' ? issue.record : undefined;
  const stageId = record?.currentStageId ?? null;
  if (memory ? memory.stageId === stageId : !record && rounds.length === 0) return undefined;
  const arrived = hints
    .map((hint) => (hint.kind === 'RECORD_CHANGED' ? hint.arrived : undefined))
    .find((arrival) => arrival?.stageId === stageId);
  const bellSeq = arrived?.bellSeq ?? record?.bell?.seq ?? 0;
  return { do: 'REMEMBER', memory: { issueId, stageId, arrival: (memory?.arrival ?? 0) + 1, bellSeq } };
}

/** If a writer forgets to ask again for what it changed after the approval, we do (CONTRACT section 1). */
function planDemands(issue: IssueState, current: readonly Round[]): Step[] {
  if (issue.kind !== 'VALID') return [];
  const approved = asMap(issue.ours.approvedTasks);
  return issue.record.stages.flatMap((stage): Step[] => {
    const round = current.find((one) => one.subject.kind === 'STAGE' && one.subject.id === stage.stageId);
    if (round?.state !== 'APPROVED') return [];
    const entry = asMap(approved[stage.stageId]);
    const taskIds = stage.tasks
      .filter((task) => task.status === 'PENDING' && round.tasks[task.taskId] !== undefined)
      .filter((task) => entry[task.taskId] !== taskHash(task))
      .map((task) => task.taskId);
    return taskIds.length > 0 ? [{ do: 'DEMAND_APPROVAL', stageId: stage.stageId, taskIds }] : [];
  });
}

function planSubjects(snapshot: Snapshot, current: readonly Round[], now: Date, hints: Hints): Step[] {
  const { issue } = snapshot;
  if (issue.kind !== 'VALID') {
    return current.filter(isLive).map(withdraw('ISSUE_DELETED'));
  }
  const at = issue.record.currentStageId;
  const stages = current.filter((round) => round.subject.kind === 'STAGE');
  const here = stages.find((round) => round.subject.id === at);
  const elsewhere = stages.filter((round) => round !== here && isLive(round));
  return [
    ...elsewhere.map((round) => withdraw(reasonElsewhere(issue.record))(round)),
    ...planStage(snapshot, issue, here, now, hints),
  ];
}

const reasonElsewhere = (issue: IssueRecord): CloseReason =>
  issue.status === 'OPEN' ? 'STAGE_LEFT' : 'ISSUE_CLOSED';

function planStage(
  snapshot: Snapshot,
  { record, ours }: { record: IssueRecord; ours: WrittenBack },
  round: Round | undefined,
  now: Date,
  hints: Hints,
): Step[] {
  const stage = currentStage(record);
  if (!stage) return [];
  const at: StageSituation = {
    ...snapshot,
    record,
    same: round !== undefined && round.content === canonicalContent(stageContent(record, stage)),
    ringing: isRinging({ ...snapshot, issue: record }),
    waited: ours.approvalError !== undefined,
    now,
    hints,
  };
  const live = round !== undefined && isLive(round);
  const wanted = isStageWanted({ ...snapshot, issue: record }, stage.stageId, live && at.same);
  const opening = (triggers: Trigger[]): Opening => ({
    subject: { kind: 'STAGE', id: stage.stageId },
    generation: (round?.generation ?? 0) + 1,
    triggers,
  });
  if (round && live) return planLive(round, wanted, at, opening(whyAgain(round, at)));
  const triggers = wanted.wanted && !wanted.checkRunning && whyOpen(round, at);
  return triggers ? [{ do: 'OPEN', opening: opening(triggers) }] : [];
}

interface StageSituation extends Omit<Snapshot, 'issue'> {
  record: IssueRecord;
  /** The round's content is the record's. */
  same: boolean;
  /** The creator rings, and no round has heard it. */
  ringing: boolean;
  /** The record was invalid until now: hints that came meanwhile are spent, decisions wait. */
  waited: boolean;
  now: Date;
  hints: Hints;
}

function planLive(round: Round, wanted: Wanted, at: StageSituation, reopening: Opening): Step[] {
  const { now, hints } = at;
  const { approvalId } = round;
  const mayOpen = wanted.wanted && !wanted.checkRunning;
  const back = (reason: CloseReason): Step[] => [
    { do: 'WITHDRAW', approvalId, reason, ...(mayOpen && { next: reopening }) },
  ];
  // An intent may have reached Feishu already: it is carried through, then the stage is asked for anew.
  if (round.withdraw) return back(round.withdraw.reason);
  if (!wanted.wanted) return back(wanted.because);
  if (!at.same || round.appId !== at.settings?.appId) return back('SUPERSEDED');
  if (at.ringing && mayOpen) return back('BELL');
  const asked = isDue(round, now, hints);
  const events = eventsOf(round, hints);
  if (round.state === 'REQUESTED') {
    const first = round.error === undefined;
    return first || asked || events.length > 0 ? [{ do: 'SEND', approvalId }] : [];
  }
  const look = asked || at.waited || events.some(isWorthALook);
  return look ? [{ do: 'LOOK', approvalId, heard: heardOf(round, hints) }] : [];
}

/** The triggers of the round that follows a live one. */
function whyAgain(round: Round, at: StageSituation): Trigger[] {
  if (!at.same) return changesSince(round, at);
  return at.ringing ? ['BELL'] : round.triggers;
}

/** The triggers with which a closed subject is opened again, or undefined: nothing is sent. */
function whyOpen(round: Round | undefined, at: StageSituation): Trigger[] | undefined {
  const bell: Trigger[] = at.ringing ? ['BELL'] : [];
  if (!round || round.arrival !== at.memory?.arrival) return ['NEW_STAGE', ...bell];
  if (!at.same) return changesSince(round, at);
  const again = [...new Set([...round.triggers, ...bell])];
  switch (round.state) {
    case 'APPROVED':
      return ['NEW_STAGE', ...bell];
    case 'WITHDRAWN':
      return round.closeReason === 'EXPIRED_BY_US' && !at.ringing ? undefined : again;
    case 'FAILED': {
      const retry = round.error?.code === 'ASSIGNEE_NOT_IN_FEISHU' && isDue(round, at.now, at.hints);
      return retry ? again : at.ringing ? bell : undefined;
    }
    default:
      return at.ringing ? bell : undefined;
  }
}

/** What moved between a round and the record, by the one function that knows the triggers. */
function changesSince(round: Round, { record, rounds }: StageSituation): Trigger[] {
  const before = { content: parseContent(round.content), bellSeq: heardRings(rounds), ring: 0 };
  const changes = detectTriggers(before, triggerView(record));
  return changes.length > 0 ? changes : [...round.triggers];
}

const withdraw =
  (reason: CloseReason) =>
  (round: Round): Step => ({
    do: 'WITHDRAW',
    approvalId: round.approvalId,
    reason: round.withdraw?.reason ?? reason,
  });

/** Closed rounds: late decisions, revocations, instances that stand open, remarks still to be posted. */
function planAftermath(round: Round, now: Date, hints: Hints): Step[] {
  if (isLive(round)) return round.remarks.length > 0 && isRemarkDue(round, now, hints) ? [remark(round)] : [];
  const { approvalId } = round;
  const events = eventsOf(round, hints);
  if (round.settle && (isDue(round, now, hints) || events.length > 0)) return [{ do: 'SETTLE', approvalId }];
  if (events.some((event) => mayConcernClosed(round, event))) {
    return [{ do: 'LOOK', approvalId, heard: heardOf(round, hints) }];
  }
  return round.remarks.length > 0 && isRemarkDue(round, now, hints) ? [remark(round)] : [];
}

const remark = (round: Round): Step => ({ do: 'REMARK', approvalId: round.approvalId });

const isRemarkDue = (round: Round, now: Date, hints: Hints): boolean =>
  round.remarkTries === 0 || isDue(round, now, hints);

type FeishuEvent = Extract<Hint, { kind: 'FEISHU_EVENT' }>;

const eventsOf = (round: Round, hints: Hints): FeishuEvent[] =>
  hints.filter((hint) => hint.kind === 'FEISHU_EVENT').filter((hint) => hint.approvalId === round.approvalId);

/** The round knows its instance: that it was created, or a task closed without its owner, is no news. */
const isWorthALook = (event: FeishuEvent): boolean => event.status !== 'PENDING' && event.status !== 'DONE';

const isDecision = (event: FeishuEvent): boolean =>
  event.status === 'APPROVED' || event.status === 'REJECTED';

/** Late decisions are kept, revocations noticed; what our own closing caused is no news. */
function mayConcernClosed(round: Round, event: FeishuEvent): boolean {
  switch (event.status) {
    case 'APPROVED':
    case 'REJECTED':
      return round.decisions.length === 0;
    case 'REVERTED':
    case 'OVERTIME_RECOVER':
    case 'ROLLBACK':
      return round.state !== 'REVERTED';
    case 'CANCELED':
    case 'DELETED':
      return round.state === 'APPROVED';
    default:
      return false;
  }
}

function heardOf(round: Round, hints: Hints): Heard {
  const events = eventsOf(round, hints);
  return {
    decided: events.some(isDecision),
    overtime: events.some((event) => event.status === 'OVERTIME_CLOSE'),
  };
}

const isDue = (round: Round, now: Date, hints: Hints): boolean =>
  (round.checkAfter !== undefined && Date.parse(round.checkAfter) <= now.getTime()) ||
  hints.some((hint) => hint.kind === 'DUE' && hint.approvalIds.includes(round.approvalId));
