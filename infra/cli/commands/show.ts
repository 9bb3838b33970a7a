import * as z from 'zod';
import { createDynamoStore } from '../../../shared/approval/dynamo-store.ts';
import { approvalOf, type Round } from '../../../shared/approval/round.ts';
import type { IssueState, Snapshot } from '../../../shared/approval/snapshot.ts';
import type { SentRequest } from '../../../shared/approval/store.ts';
import { HOLDS } from '../../../shared/approval/wanted.ts';
import type { Context, Outcome } from '../context.ts';
import { badInput } from '../problem.ts';
import { type Story, sayStory } from './show-text.ts';
import { timelineOf } from './timeline.ts';

/** CONTRACT section 1, in code points. */
const MAX_ID = 128;

export interface ShowFlags {
  round?: string;
  stage?: string;
  sql: boolean;
}

/** `frabit-im show`: the rounds of an issue in order of time, and what one of them showed. */
export async function show(context: Context, issueId: string, flags: ShowFlags): Promise<Outcome> {
  if (issueId === '' || [...issueId].length > MAX_ID) {
    throw badInput(`The id of an issue has 1 to ${MAX_ID} characters.`);
  }
  const generation = readRoundNumber(flags.round);
  const deployment = await context.deployment();
  const store = createDynamoStore(deployment.documents, {
    issueTableName: deployment.output('IssueTableName'),
    approvalTableName: deployment.output('ApprovalTableName'),
  });
  const snapshot = await store.read(issueId);
  if (snapshot.issue.kind === 'ABSENT' && snapshot.rounds.length === 0) {
    const message = `There is no such issue at ${deployment.where}: correct the id.`;
    return { document: { issueId }, problem: { code: 'NO_ISSUE', message } };
  }
  const chosen = chooseRound(snapshot, generation, flags.stage);
  if (!chosen && (generation ?? flags.stage) !== undefined) {
    const message =
      'The issue has no such round: run frabit-im show without --round and --stage to see them.';
    return { document: { issueId }, problem: { code: 'NO_ROUND', message } };
  }
  const request = chosen && (await store.readRequest(chosen.approvalId));
  const story: Story = {
    issueId,
    record: recordOf(snapshot.issue),
    rounds: snapshot.rounds.map((round) => ({ subject: round.subject, ...approvalOf(round) })),
    timeline: timelineOf(snapshot.rounds),
    shown: chosen && {
      stageId: chosen.subject.id,
      generation: chosen.generation,
      approvalId: chosen.approvalId,
      ...(request && shownOf(request, flags.sql)),
    },
  };
  sayStory(context, story);
  return { document: { ...story } };
}

function readRoundNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw badInput('--round must be a whole number from 1.');
}

/**
 * Rounds are counted in each stage of their own. Without `stageId`: of the stage at which the issue is, else of the
 * one asked last. Without `generation`: the latest.
 */
function chooseRound(
  { issue, rounds }: Pick<Snapshot, 'issue' | 'rounds'>,
  generation?: number,
  stageId?: string,
): Round | undefined {
  const latestFirst = [...rounds].sort(
    (a, b) => b.requestedAt.localeCompare(a.requestedAt) || b.generation - a.generation,
  );
  const at = issue.kind === 'VALID' ? issue.record.currentStageId : undefined;
  const here = latestFirst.some((round) => round.subject.id === at) ? at : undefined;
  const stage = stageId ?? here ?? latestFirst[0]?.subject.id;
  return latestFirst.find(
    (round) => round.subject.id === stage && (generation === undefined || round.generation === generation),
  );
}

const holdSchema = z.enum(HOLDS);
const errorSchema = z.object({ code: z.string(), message: z.string(), at: z.string().optional() });

function recordOf(issue: IssueState): Story['record'] {
  switch (issue.kind) {
    case 'ABSENT':
      return { kind: 'ABSENT' };
    case 'INVALID':
      return { kind: 'INVALID', ...oursOf(issue) };
    case 'VALID': {
      const { title, status, url, currentStageId } = issue.record;
      return { kind: 'VALID', title, status, url, currentStageId: currentStageId ?? null, ...oursOf(issue) };
    }
    default:
      return issue satisfies never;
  }
}

/** What we wrote on the record may have been put over by anything: what is not ours is left out. */
function oursOf({ ours }: Extract<IssueState, { kind: 'VALID' | 'INVALID' }>) {
  const hold = holdSchema.safeParse(ours.approvalHold).data;
  const error = errorSchema.safeParse(ours.approvalError).data;
  return { ...(hold && { approvalHold: hold }), ...(error && { approvalError: error }) };
}

/** The title may be a key of the texts; the first language that is told as the usual one says it. */
function shownOf({ title, i18nResources, shown }: SentRequest, sql: boolean) {
  const texts = (i18nResources.find((one) => one.is_default) ?? i18nResources[0])?.texts ?? [];
  return {
    title: texts.find(({ key }) => key === title)?.value ?? title,
    stageTitle: shown.stageTitle,
    environment: shown.environment,
    tasks: shown.tasks.map(({ statement, sheet, hash: _, ...task }) => ({
      ...task,
      ...(sheet && { sheet: { uri: sheet.uri, sha256: sheet.sha256, sizeBytes: sheet.sizeBytes } }),
      ...(sql && statement !== undefined && { statement }),
      ...(sql && sheet && { preview: sheet.preview }),
    })),
  };
}
