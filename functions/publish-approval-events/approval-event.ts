import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { DynamoDBRecord } from 'aws-lambda';
import { approvalOf } from '../../shared/approval/plan/approval.ts';
import { type Round, roundSchema } from '../../shared/approval/plan/round.ts';
import { type Image, readImage } from '../../shared/runtime/attribute-values.ts';

/** EventBridge's limit for all entries of a PutEvents request together. */
export const MAX_REQUEST_BYTES = 256 * 1024;

/**
 * Returns the event of a change in the Approvals table (docs/contract.md 6), or undefined if no round changed its
 * state: other items, a removal, a write that left the state alone. Throws a ZodError for an invalid round.
 */
export function approvalEvent(
  record: DynamoDBRecord,
  eventBusName: string,
): PutEventsRequestEntry | undefined {
  const { NewImage, OldImage, ApproximateCreationDateTime: seconds } = record.dynamodb ?? {};
  if (!NewImage || !isRound(NewImage) || NewImage.state?.S === OldImage?.state?.S) return undefined;
  const round = roundSchema.parse(readImage(NewImage));
  const entry = {
    EventBusName: eventBusName,
    Source: 'frabit.im-approval',
    DetailType: `Approval ${round.state.charAt(0)}${round.state.slice(1).toLowerCase()}`,
    ...(seconds !== undefined && { Time: new Date(seconds * 1000) }),
  };
  const whole = { ...entry, Detail: detail(round) };
  return entrySize(whole) <= MAX_REQUEST_BYTES ? whole : { ...entry, Detail: detailWithoutTasks(round) };
}

const isRound = ({ pk, sk }: Image): boolean =>
  pk?.S?.startsWith('ISSUE#') === true && /^(STAGE|STEP)#/.test(sk?.S ?? '');

function detail(round: Round): string {
  return JSON.stringify({ ...subjectOf(round), approval: approvalOf(round) });
}

/** The ids alone of a thousand tasks can exceed an event. Consumers that need the tasks read the issue record. */
function detailWithoutTasks(round: Round): string {
  const { tasks: _, asking: __, ...approval } = approvalOf(round);
  return JSON.stringify({ ...subjectOf(round), approval, tasksOmitted: true });
}

function subjectOf({ issueId, subject }: Round) {
  switch (subject.kind) {
    case 'STAGE':
      return { issueId, stageId: subject.id };
    case 'STEP':
      return { issueId, stepId: subject.id };
  }
}

/** Bytes of an entry as EventBridge counts them (User Guide, "Calculating PutEvents event entry size"). */
export function entrySize({
  Time,
  Source = '',
  DetailType = '',
  Detail = '',
}: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return texts + (Time ? 14 : 0);
}
