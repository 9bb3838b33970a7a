import type { IssueRecord } from '../../issue/record.ts';
import { AppError } from '../../runtime/errors.ts';
import type { Subject } from './round.ts';
import type { Snapshot } from './snapshot.ts';
import { type SubjectView, viewOf } from './subject.ts';

/** The record and the subject a round is about; what is no longer there was planned on something older. */
export function recordAt(snapshot: Snapshot, subject: Subject): { record: IssueRecord; view: SubjectView } {
  const record = snapshot.issue.kind === 'VALID' ? snapshot.issue.record : undefined;
  const view = record && viewOf(record, subject);
  if (!record || !view)
    throw new AppError('STALE', 'The record has no such stage or step any more.', { retryable: true });
  return { record, view };
}
