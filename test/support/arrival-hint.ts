import type { Hint } from '../../shared/approval/plan/hint.ts';

export type Arrived = NonNullable<Extract<Hint, { kind: 'RECORD_CHANGED' }>['arrived']>;

export const STREAM =
  'arn:aws:dynamodb:us-east-1:000000000000:table/frabit-issues/stream/2026-03-01T08:00:00.000';

/** An arrival as a hint reports it: with the position of the change in the stream, and the bell at that moment. */
export const anArrival = (stageId: string, sequenceNumber: number | string, bellSeq = 0): Arrived => ({
  stageId,
  bellSeq,
  streamArn: STREAM,
  sequenceNumber: String(sequenceNumber),
});

export const anArrivalHint = (issueId: string, arrived: Arrived): Hint => ({
  kind: 'RECORD_CHANGED',
  issueId,
  triggers: ['NEW_STAGE'],
  arrived,
});
