import { randomUUID } from 'node:crypto';
import { approvalOf } from '../../shared/approval/plan/approval.ts';
import { coverOf } from '../../shared/approval/plan/cover.ts';
import type { Round } from '../../shared/approval/plan/round.ts';
import type { Snapshot } from '../../shared/approval/plan/snapshot.ts';
import { type SubjectView, stageView, stepView, tasksOf } from '../../shared/approval/plan/subject.ts';
import type { ApprovedSubject } from '../../shared/approval/store/store.ts';
import { currentStage, externalSteps } from '../../shared/issue/content-hash.ts';
import { type IssueRecord, issueRecordSchema, type Step } from '../../shared/issue/record.ts';
import { sha256 } from '../../shared/runtime/sha256.ts';
import type { FeishuSettings } from '../../shared/settings/settings.ts';
import { anIssue, aStep } from './issue.ts';
import { NODE } from './oa.ts';

export const SETTINGS: FeishuSettings = {
  enabled: true,
  appId: 'cli_a',
  domain: 'feishu',
  bot: { openId: 'ou_bot', name: 'Frabit' },
  definitionCode: 'DEFINITION',
  definitions: {},
  enabledAt: '2026-03-01T08:00:00.000Z',
  revision: 1,
};

/** An EXTERNAL step of the test node. */
export const anOaStep = (changes: Partial<Step> = {}): Step =>
  aStep({
    stepId: 'oa',
    title: 'Change board',
    kind: 'EXTERNAL',
    externalNodeId: NODE.nodeId,
    ...changes,
  });

/** A PENDING round of the issue's current stage. */
export function aRoundOf(issue: IssueRecord, changes: Partial<Round> = {}): Round {
  const stage = currentStage(issue);
  if (!stage) throw new Error('the issue is at no stage');
  return {
    ...aPendingRound(issue, stageView(issue, stage)),
    channel: 'FEISHU',
    appId: SETTINGS.appId,
    domain: 'feishu',
    definitionCode: SETTINGS.definitionCode,
    approvers: [{ email: issue.assignee?.email ?? '', userId: 'ou_assignee' }],
    requester: { email: issue.creator.email, userId: 'ou_creator', bot: false },
    instanceCode: 'INSTANCE',
    checkAfter: '2026-03-01T08:10:00.000Z',
    ...changes,
  };
}

/** A PENDING round of an EXTERNAL step, by default of the first one. */
export function aStepRoundOf(issue: IssueRecord, changes: Partial<Round> = {}, stepId?: string): Round {
  const step = externalSteps(issue).find((one) => stepId === undefined || one.stepId === stepId);
  if (!step) throw new Error('the issue has no such EXTERNAL step');
  return {
    ...aPendingRound(issue, stepView(issue, step)),
    channel: 'EXTERNAL',
    nodeId: step.externalNodeId ?? '',
    externalId: `CHG-${step.stepId}`,
    ...changes,
  };
}

/** The members that rounds of stages and of steps share. */
function aPendingRound(issue: IssueRecord, view: SubjectView): Omit<Round, 'channel'> {
  const { subject, content } = view;
  return {
    issueId: issue.issueId,
    subject,
    generation: 1,
    approvalId: randomUUID(),
    revision: 3,
    state: 'PENDING',
    content,
    contentSha256: sha256(content),
    tasks: tasksOf(issue, view),
    underWay: [],
    ...(view.kind === 'STAGE' && coverOf(view.stage)),
    triggers: ['NEW_STAGE'],
    arrival: 1,
    life: 0,
    bellSeq: issue.bell?.seq ?? 0,
    approvers: [],
    requester: { email: issue.creator.email, bot: false },
    requestedAt: '2026-03-01T08:00:00.000Z',
    sentAt: '2026-03-01T08:00:01.000Z',
    decisions: [],
    attempted: true,
    forms: [],
    remarks: [],
    remarked: [],
    remarkTries: 0,
    looks: 0,
    setbacks: 0,
    missed: [],
    asked: {},
    rechecks: 0,
    reminders: { sent: 0 },
    slots: {},
    checkAfter: '2026-03-01T08:05:00.000Z',
  };
}

/** A snapshot: the issue was seen and rung at its current stage, and nothing is written back yet. */
export function aSnapshot(
  issue: IssueRecord,
  rounds: Round[] = [],
  changes: Partial<Snapshot> = {},
): Snapshot {
  return {
    issueId: issue.issueId,
    issue: { kind: 'VALID', record: issueRecordSchema.parse(issue), ours: {}, raw: {} },
    rounds,
    memory: {
      issueId: issue.issueId,
      stageId: issue.currentStageId ?? null,
      arrival: 1,
      bellSeq: 0,
      rung: issue.bell?.seq ?? 0,
      life: 0,
    },
    settings: SETTINGS,
    nodes: [],
    ...changes,
  };
}

/** A round of any issue. */
export const aRound = (changes: Partial<Round> = {}): Round => aRoundOf(anIssue(), changes);

/** An approval of everything that a round asks for, without the raw record and the ids of its tasks. */
export const approvingAll = (before: Round, after: Round): Omit<ApprovedSubject, 'raw' | 'taskIds'> => ({
  before,
  after,
  approvedTasks: after.tasks,
  approval: approvalOf(after),
});
