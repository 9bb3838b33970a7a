import * as z from 'zod';
import { approvalOf } from '../../../shared/approval/plan/approval.ts';
import type { Subject } from '../../../shared/approval/plan/round.ts';
import type { IssueState } from '../../../shared/approval/plan/snapshot.ts';
import { createDynamoStore } from '../../../shared/approval/store/dynamo-store.ts';
import type { CommandResult, Context } from '../context.ts';
import { badInput } from '../problem.ts';
import { chooseRound } from './choose-round.ts';
import { checkIssueId } from './issue-id.ts';
import { type IssueHistory, printIssueHistory } from './print-issue.ts';
import { roundContentOf } from './round-content.ts';
import { timelineOf } from './timeline.ts';

export interface ShowFlags {
  round?: string;
  stage?: string;
  step?: string;
  sql: boolean;
}

/** `frabit-im show`: prints the timeline of an issue and the content of one round. */
export async function show(context: Context, issueId: string, flags: ShowFlags): Promise<CommandResult> {
  checkIssueId(issueId);
  const choice = { generation: readRoundNumber(flags.round), subject: readSubject(flags) };
  const deployment = await context.deployment();
  const store = createDynamoStore(deployment.documents, {
    issueTableName: deployment.output('IssueTableName'),
    approvalTableName: deployment.output('ApprovalTableName'),
  });
  const [{ issue }, rounds] = await Promise.all([store.read(issueId), store.readAllRounds(issueId)]);
  if (issue.kind === 'ABSENT' && rounds.length === 0) {
    const message = `There is no such issue at ${deployment.where}: correct the id.`;
    return { document: { issueId }, problem: { code: 'NO_ISSUE', message } };
  }
  const chosen = chooseRound({ issue, rounds }, choice);
  if (!chosen && (choice.generation ?? choice.subject) !== undefined) {
    const message =
      'The issue has no such round: run frabit-im show without --round, --stage and --step to see them.';
    return { document: { issueId }, problem: { code: 'NO_ROUND', message } };
  }
  const request = chosen && (await store.readRequest(chosen.approvalId));
  const story: IssueHistory = {
    issueId,
    record: recordOf(issue),
    rounds: rounds.map((round) => ({
      subject: round.subject,
      ...(round.nodeId !== undefined && { nodeId: round.nodeId }),
      ...approvalOf(round),
    })),
    timeline: timelineOf(rounds),
    shown: chosen && roundContentOf(chosen, request, flags.sql),
  };
  printIssueHistory(context, story);
  return { document: { ...story } };
}

function readRoundNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw badInput('--round must be a whole number from 1.');
}

function readSubject({ stage, step }: ShowFlags): Subject | undefined {
  if (stage !== undefined && step !== undefined) throw badInput('--stage goes without --step.');
  if (step !== undefined) return { kind: 'STEP', id: step };
  return stage === undefined ? undefined : { kind: 'STAGE', id: stage };
}

const holdSchema = z.string();
const errorSchema = z.object({ code: z.string(), message: z.string(), at: z.string().optional() });

function recordOf(issue: IssueState): IssueHistory['record'] {
  switch (issue.kind) {
    case 'ABSENT':
      return { kind: 'ABSENT' };
    case 'INVALID':
      return { kind: 'INVALID', ...writtenBackOf(issue) };
    case 'VALID': {
      const { title, status, url, currentStageId } = issue.record;
      return {
        kind: 'VALID',
        title,
        status,
        url,
        currentStageId: currentStageId ?? null,
        ...writtenBackOf(issue),
      };
    }
    default:
      return issue satisfies never;
  }
}

/** Frabit or people may have overwritten what we wrote on the record: leaves out invalid values. */
function writtenBackOf({ ours }: Extract<IssueState, { kind: 'VALID' | 'INVALID' }>) {
  const hold = holdSchema.safeParse(ours.approvalHold).data;
  const error = errorSchema.safeParse(ours.approvalError).data;
  return { ...(hold && { approvalHold: hold }), ...(error && { approvalError: error }) };
}
