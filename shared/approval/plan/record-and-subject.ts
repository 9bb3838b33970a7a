import type { IssueRecord } from '../../issue/record.ts';
import { AppError } from '../../runtime/errors.ts';
import type { Subject } from './round.ts';
import type { Snapshot } from './snapshot.ts';
import { type SubjectView, viewOf } from './subject.ts';

/**
 * Returns the record and the subject that a round is about. Throws `STALE` if the record does not have the subject
 * any more: the plan was made from an older record.
 */
export function recordAt(snapshot: Snapshot, subject: Subject): { record: IssueRecord; view: SubjectView } {
  const record = snapshot.issue.kind === 'VALID' ? snapshot.issue.record : undefined;
  const view = record && viewOf(record, subject);
  if (!record || !view)
    throw new AppError('STALE', 'The stage or step is no longer on the record.', { retryable: true });
  return { record, view };
}
