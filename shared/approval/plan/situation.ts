import type { IssueRecord } from '../../issue/record.ts';
import type { Hints, Snapshot } from './snapshot.ts';

/** What a plan for a subject is made from, beside the subject itself. */
export interface Circumstances extends Omit<Snapshot, 'issue'> {
  record: IssueRecord;
  /** The record was invalid until now. Hints that came meanwhile are gone, and decisions may be waiting. */
  wasInvalid: boolean;
  now: Date;
  hints: Hints;
}

/** The same for one subject and its latest round. */
export interface SubjectSituation extends Circumstances {
  /**
   * The content of the round is that of the record, and no task asks now that did not ask when the request was
   * composed.
   */
  isCovered: boolean;
  /** The creator has rung, and no round has answered that ring yet. */
  ringing: boolean;
}
