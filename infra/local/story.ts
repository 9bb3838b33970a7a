import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import type { BusEvent } from './aws-endpoints.ts';
import { type Approval, approvalSchema, type Issue, issueSchema, stageOf } from './frabit.ts';

export interface StoryLine {
  /** Epoch milliseconds. */
  at: number;
  issueId: string | undefined;
  text: string;
  /** Milliseconds since what set it off: a write of Frabit's, or a decision in Feishu. */
  since: number;
}

export interface Story {
  /** A change of the Issues table. */
  onIssueChange(record: DynamoDBRecord): void;
  /** A hint on its way to the worker: the first sign of what people do in Feishu. */
  onHint(record: SQSRecord): void;
  /** A change of an approval's state, from the event bus: at least once, in no order. */
  onBusEvent(event: BusEvent): void;
  /** Anything else worth a line. */
  tell(text: string, issueId?: string): void;
  lines(): readonly StoryLine[];
  subscribe(listener: (line: StoryLine) => void): () => void;
}

const KEPT_LINES = 300;

/** Tells what happens in one short line each: never SQL, tokens or secrets. */
export function createStory(now: () => number): Story {
  const lines: StoryLine[] = [];
  const listeners = new Set<(line: StoryLine) => void>();
  const causes = new Map<string, number>();
  const published = new Set<string>();

  const tell = (text: string, issueId?: string) => {
    const at = now();
    const line = { at, issueId, text, since: issueId ? at - (causes.get(issueId) ?? at) : 0 };
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    for (const listener of listeners) listener(line);
  };
  /** A line that others follow from. */
  const tellCause = (text: string, issueId: string) => {
    causes.delete(issueId);
    tell(text, issueId);
    causes.set(issueId, now());
  };

  return {
    tell,
    lines: () => lines,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onIssueChange(record) {
      const issueId = record.dynamodb?.Keys?.issueId?.S;
      if (!issueId) return;
      const { byFrabit, ours } = describeChange(
        issueIn(record.dynamodb?.OldImage),
        issueIn(record.dynamodb?.NewImage),
      );
      for (const text of byFrabit) tellCause(text, issueId);
      for (const text of ours) tell(text, issueId);
    },
    onHint(record) {
      const hint = jsonIn(hintSchema, record.body);
      if (!hint?.issueId || record.attributes.ApproximateReceiveCount !== '1') return;
      if (hint.kind === 'DUE') tell('the sweep asks to look again', hint.issueId);
      if (hint.kind === 'FEISHU_EVENT' && isNews(hint)) {
        tellCause(`Feishu says: ${hint.about === 'TASK' ? 'task' : 'approval'} ${hint.status}`, hint.issueId);
      }
    },
    onBusEvent({ Detail }) {
      const detail = jsonIn(busDetailSchema, Detail);
      if (!detail) return;
      const { approvalId, state, generation, triggers, closeReason } = detail.approval;
      const key = `${approvalId} ${state}`;
      if (published.has(key)) return;
      published.add(key);
      if (state === 'REQUESTED') {
        tell(`trigger ${triggers.join(', ')}: approval requested, round ${generation}`, detail.issueId);
      }
      if (state === 'WITHDRAWN') {
        tell(`round ${generation} withdrawn: ${closeReason ?? 'no reason'}`, detail.issueId);
      }
    },
  };
}

const busDetailSchema = z.object({ issueId: z.string(), approval: approvalSchema });

const hintSchema = z.object({
  kind: z.string(),
  issueId: z.string().optional(),
  about: z.string().optional(),
  status: z.string().optional(),
});

/** Decisions come twice, of the task and of the instance; a closing that we asked for is no news. */
function isNews({ about, status = '' }: z.infer<typeof hintSchema>): boolean {
  const dull = about === 'TASK' ? ['PENDING', 'DONE'] : ['PENDING', 'APPROVED', 'REJECTED', 'CANCELED'];
  return !dull.includes(status);
}

function jsonIn<S extends z.ZodType>(schema: S, text: string): z.infer<S> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

function issueIn(image: Image | undefined): Issue | 'UNREADABLE' | undefined {
  if (!image) return undefined;
  // The images of a stream event carry bytes as base64 text: nothing here reads them.
  const parsed = issueSchema.safeParse(unmarshall(JSON.parse(JSON.stringify(image))));
  return parsed.success ? parsed.data : 'UNREADABLE';
}

const quoted = (text: string): string => `“${text.length > 60 ? `${text.slice(0, 59)}…` : text}”`;
const tasks = (count: number): string => (count === 1 ? '1 task' : `${count} tasks`);

/** What Frabit changed, and what the approvals wrote back. Pure. */
export function describeChange(
  before: Issue | 'UNREADABLE' | undefined,
  after: Issue | 'UNREADABLE' | undefined,
): { byFrabit: string[]; ours: string[] } {
  if (after === undefined) return { byFrabit: ['issue deleted'], ours: [] };
  if (after === 'UNREADABLE') return { byFrabit: ['a record that is no issue was written'], ours: [] };
  if (before === undefined || before === 'UNREADABLE') return { byFrabit: [written(after)], ours: [] };
  return { byFrabit: changesOfFrabit(before, after), ours: changesOfOurs(before, after) };
}

function written(issue: Issue): string {
  const stage = stageOf(issue);
  const where = stage ? `at stage ${quoted(stage.title)} with ${tasks(stage.tasks.length)}` : 'at no stage';
  const who = issue.assignee ? `to be approved by ${issue.assignee.email}` : 'without an assignee';
  return `issue written: ${quoted(issue.title)}, ${where}, ${who}`;
}

function changesOfFrabit(before: Issue, after: Issue): string[] {
  const found: string[] = [];
  const stage = stageOf(after);
  if (before.status !== after.status) found.push(`issue ${after.status}`);
  if (before.currentStageId !== after.currentStageId && stage) {
    found.push(`issue moved to stage ${quoted(stage.title)} with ${tasks(stage.tasks.length)}`);
  }
  if (before.assignee?.email !== after.assignee?.email) {
    found.push(`assignee changed to ${after.assignee?.email ?? 'nobody'}`);
  }
  const edited = pairsOfTasks(before, after).filter(
    ([old, task]) => old !== undefined && old.statement !== task.statement,
  );
  if (edited.length > 0) {
    found.push(`SQL changed in ${edited.map(([, task]) => quoted(task.title)).join(', ')}`);
  }
  if ((before.bell?.seq ?? 0) < (after.bell?.seq ?? 0)) found.push(`bell rung by ${after.bell?.rungBy}`);
  return found;
}

function changesOfOurs(before: Issue, after: Issue): string[] {
  const found = Object.entries(after.stageApprovals ?? {}).flatMap(([stageId, approval]) =>
    describeApproval(before.stageApprovals?.[stageId], approval),
  );
  const approved = pairsOfTasks(before, after).filter(
    ([old, task]) => old?.status === 'PENDING_APPROVAL' && task.status === 'PENDING',
  );
  if (approved.length > 0) found.push(`${tasks(approved.length)} PENDING: ready to run`);
  if (after.approvalHold && before.approvalHold !== after.approvalHold) {
    found.push(`not sent for now: ${after.approvalHold}`);
  }
  if (after.approvalError && before.approvalError?.message !== after.approvalError.message) {
    found.push(`record refused: ${after.approvalError.message}`);
  }
  return found;
}

function describeApproval(before: Approval | undefined, after: Approval): string[] {
  const same = before?.approvalId === after.approvalId;
  const errorIsNew = after.error && !(same && before?.error?.code === after.error.code);
  if (same && before?.state === after.state) {
    return errorIsNew ? [`approval waits: ${after.error?.message}`] : [];
  }
  const [decision] = after.decisions;
  const who = decision?.by.email ?? decision?.by.userId ?? 'somebody';
  const said = decision?.comment ? `: ${quoted(decision.comment)}` : '';
  switch (after.state) {
    case 'REQUESTED':
    case 'WITHDRAWN':
      // The bus has told it already.
      return errorIsNew ? [`approval waits: ${after.error?.message}`] : [];
    case 'PENDING':
      return [`approval sent to ${after.approvers.map(({ email }) => email).join(', ')}`];
    case 'APPROVED':
      return [`approved by ${who}${said}`];
    case 'REJECTED':
      return [`rejected by ${who}${said}`];
    default:
      return [`approval ${after.state}${after.error ? `: ${after.error.message}` : ''}`];
  }
}

type Task = Issue['stages'][number]['tasks'][number];

function pairsOfTasks(before: Issue, after: Issue): [Task | undefined, Task][] {
  const old = new Map(
    before.stages.flatMap((stage) =>
      stage.tasks.map((task): [string, Task] => [JSON.stringify([stage.stageId, task.taskId]), task]),
    ),
  );
  return after.stages.flatMap((stage) =>
    stage.tasks.map((task): [Task | undefined, Task] => [
      old.get(JSON.stringify([stage.stageId, task.taskId])),
      task,
    ]),
  );
}
