import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import type { BusEvent } from '../aws/event-bus.ts';
import { describeChange } from './describe-change.ts';
import { approvalSchema, type Issue, issueSchema } from './frabit.ts';

export interface StoryLine {
  /** Epoch milliseconds. */
  at: number;
  issueId: string | undefined;
  text: string;
  /** Milliseconds since its cause: a write of Frabit, or a decision in Feishu or in the OA. */
  since: number;
}

export interface Story {
  /** A change of the Issues table. */
  onIssueChange(record: DynamoDBRecord): void;
  /** A hint for the worker: the first sign of what people do in Feishu or in the OA. */
  onHint(record: SQSRecord): void;
  /** A change of an approval's state from the event bus: at least once, in any order. */
  onBusEvent(event: BusEvent): void;
  /** Adds any other line. */
  addLine(text: string, issueId?: string): void;
  lines(): readonly StoryLine[];
  subscribe(listener: (line: StoryLine) => void): () => void;
}

const KEPT_LINES = 300;

/** Describes what happens, one short line each, without SQL, tokens and secrets. */
export function createStory(now: () => number): Story {
  const lines: StoryLine[] = [];
  const listeners = new Set<(line: StoryLine) => void>();
  const causes = new Map<string, number>();
  const published = new Set<string>();

  const addLine = (text: string, issueId?: string) => {
    const at = now();
    const line = { at, issueId, text, since: issueId ? at - (causes.get(issueId) ?? at) : 0 };
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    for (const listener of listeners) listener(line);
  };
  /** Adds a line that is the cause of others. */
  const addCause = (text: string, issueId: string) => {
    causes.delete(issueId);
    addLine(text, issueId);
    causes.set(issueId, now());
  };

  return {
    addLine,
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
      for (const text of byFrabit) addCause(text, issueId);
      for (const text of ours) addLine(text, issueId);
    },
    onHint(record) {
      const hint = jsonIn(hintSchema, record.body);
      if (!hint?.issueId || record.attributes.ApproximateReceiveCount !== '1') return;
      if (hint.kind === 'DUE') addLine('the sweep sent a hint', hint.issueId);
      if (hint.kind === 'EXTERNAL_EVENT') addCause('the OA sent an event', hint.issueId);
      if (hint.kind === 'FEISHU_EVENT' && isNews(hint)) {
        addCause(`Feishu event: ${hint.about === 'TASK' ? 'task' : 'approval'} ${hint.status}`, hint.issueId);
      }
    },
    onBusEvent({ Detail }) {
      const detail = jsonIn(busDetailSchema, Detail);
      if (!detail) return;
      const { approvalId, state, generation, triggers, closeReason } = detail.approval;
      const of = detail.stepId === undefined ? '' : ` of step ${detail.stepId}`;
      const key = `${approvalId} ${state}`;
      if (published.has(key)) return;
      published.add(key);
      if (state === 'REQUESTED') {
        addLine(
          `trigger ${triggers.join(', ')}: approval${of} requested, round ${generation}`,
          detail.issueId,
        );
      }
      if (state === 'WITHDRAWN') {
        addLine(`round ${generation}${of} withdrawn: ${closeReason ?? 'no reason'}`, detail.issueId);
      }
    },
  };
}

/** The event of a stage, or of a step that an OA decides. */
const busDetailSchema = z.object({
  issueId: z.string(),
  stepId: z.string().optional(),
  approval: approvalSchema,
});

const hintSchema = z.object({
  kind: z.string(),
  issueId: z.string().optional(),
  about: z.string().optional(),
  status: z.string().optional(),
});

/** Whether an event deserves a line: decisions come twice, for task and instance, and we know our own withdrawals. */
function isNews({ about, status = '' }: z.infer<typeof hintSchema>): boolean {
  const expected = about === 'TASK' ? ['PENDING', 'DONE'] : ['PENDING', 'APPROVED', 'REJECTED', 'CANCELED'];
  return !expected.includes(status);
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
  // Bytes are base64 text in the images of a stream event; nothing here reads them.
  const parsed = issueSchema.safeParse(unmarshall(JSON.parse(JSON.stringify(image))));
  return parsed.success ? parsed.data : 'UNREADABLE';
}
