import type { DynamoDBRecord } from 'aws-lambda';
import { type Hint, SEQUENCE_NUMBER, type WorkQueue } from '../../shared/approval/plan/hint.ts';
import { type ParsedImage, parseImage } from '../../shared/issue/issue-image.ts';
import { creatorsRing, detectTriggers, type Trigger, triggerView } from '../../shared/issue/triggers.ts';
import { approvalView, sameView } from '../../shared/issue/view.ts';
import type { Image } from '../../shared/runtime/attribute-values.ts';
import { AppError } from '../../shared/runtime/errors.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { Counter } from '../../shared/runtime/metrics.ts';

const TRIGGER_METRICS = {
  NEW_STAGE: 'TriggerNewStage',
  ASSIGNEE_CHANGED: 'TriggerAssigneeChanged',
  STATEMENT_CHANGED: 'TriggerStatementChanged',
  BELL: 'TriggerBell',
} as const satisfies Record<Trigger, string>;

interface WatchDependencies {
  queue: WorkQueue;
  counter: Pick<Counter, 'count'>;
  logger: Pick<Logger, 'info'>;
}

type RecordChanged = Extract<Hint, { kind: 'RECORD_CHANGED' }>;
type Numbered = NonNullable<RecordChanged['arrived']>;

/**
 * Sends one hint for a change of the Issues table that can affect approvals, and none for other changes
 * (docs/design.md 3). An invalid record gets a hint, too: the worker writes its `approvalError`. Rejects with
 * `BAD_STREAM_RECORD`, not retryable, if the record names no issue or has no id.
 */
export async function watchRecord(record: DynamoDBRecord, dependencies: WatchDependencies): Promise<void> {
  const { queue, counter, logger } = dependencies;
  const issueId = record.dynamodb?.Keys?.issueId?.S;
  if (typeof issueId !== 'string' || issueId === '')
    throw new AppError('BAD_STREAM_RECORD', 'A stream record has no issueId.');
  const before = parse(record.dynamodb?.OldImage);
  const after = parse(record.dynamodb?.NewImage);
  if (showsItsChange(record, before, after) && sameView(viewOf(before), viewOf(after))) return;

  const triggers = triggersOf(before, after);
  const arrived = arrivalOf(before, after, record);
  const rang = ringOf(before, after);
  await queue.send(
    { kind: 'RECORD_CHANGED', issueId, triggers, ...(arrived && { arrived }), ...(rang && { rang }) },
    deduplicationId(record),
  );

  counter.count('HintSent');
  if (after && !after.ok) counter.count('InvalidRecord');
  for (const trigger of triggers) counter.count(TRIGGER_METRICS[trigger]);
  logger.info('issue written', { issueId, triggers, ...(after && !after.ok && { invalid: true }) });
}

/** Whether a record is none of a change of an issue. */
export const isUnusable = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'BAD_STREAM_RECORD';

/**
 * Returns undefined also for an image that DynamoDB cannot send: the worker reads the item anyway (docs/lessons.md 13).
 */
function parse(image: Image | undefined): ParsedImage | undefined {
  try {
    return image && parseImage(image);
  } catch {
    return undefined;
  }
}

const viewOf = (image: ParsedImage | undefined) => image && approvalView(image.item, image);

/** Without both images the stream does not show whether anything relevant changed. */
function showsItsChange(record: DynamoDBRecord, before?: ParsedImage, after?: ParsedImage): boolean {
  switch (record.eventName) {
    case 'INSERT':
      return after !== undefined;
    case 'REMOVE':
      return before !== undefined;
    default:
      return before !== undefined && after !== undefined;
  }
}

function triggersOf(before: ParsedImage | undefined, after: ParsedImage | undefined): Trigger[] {
  if (!after?.ok) return [];
  return detectTriggers(before?.ok ? triggerView(before.record) : undefined, triggerView(after.record));
}

function arrivalOf(
  before: ParsedImage | undefined,
  after: ParsedImage | undefined,
  record: DynamoDBRecord,
): RecordChanged['arrived'] {
  if (!after?.ok) return undefined;
  const stageId = after.record.currentStageId;
  if (!stageId || before?.item.currentStageId === stageId) return undefined;
  return { stageId, bellSeq: after.record.bell?.seq ?? 0, ...placeOf(record) };
}

/** Returns the bell that the creator rang. Without a valid old image it counts as new: the worker ignores a known one. */
function ringOf(before: ParsedImage | undefined, after: ParsedImage | undefined): RecordChanged['rang'] {
  if (!after?.ok) return undefined;
  const seq = creatorsRing(after.record);
  const known = before?.ok ? (before.record.bell?.seq ?? 0) : 0;
  const stageId = after.record.currentStageId;
  return stageId && seq > known ? { stageId, seq } : undefined;
}

/** Returns the position of this change in the stream, or undefined if the record has no valid one. */
function placeOf(record: DynamoDBRecord): Pick<Numbered, 'streamArn' | 'sequenceNumber'> | undefined {
  const { eventSourceARN: streamArn, dynamodb: { SequenceNumber: sequenceNumber } = {} } = record;
  const isKnown = typeof streamArn === 'string' && streamArn !== '' && typeof sequenceNumber === 'string';
  return isKnown && SEQUENCE_NUMBER.test(sequenceNumber) ? { streamArn, sequenceNumber } : undefined;
}

function deduplicationId(record: DynamoDBRecord): string {
  const id = record.eventID ?? record.dynamodb?.SequenceNumber;
  if (!id) throw new AppError('BAD_STREAM_RECORD', 'A stream record has neither eventID nor SequenceNumber.');
  return id;
}
