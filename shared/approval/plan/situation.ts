import type { IssueRecord } from '../../issue/record.ts';
import type { Hints, Snapshot } from './snapshot.ts';

/** What a subject is planned from, beside itself. */
export interface Circumstances extends Omit<Snapshot, 'issue'> {
  record: IssueRecord;
  /** The record was invalid until now: hints that came meanwhile are spent, decisions wait. */
  wasInvalid: boolean;
  now: Date;
  hints: Hints;
}

/** A subject, and the round that stands for it. */
export interface SubjectSituation extends Circumstances {
  /** The round's content is the record's, and no task asks that did not. */
  isCovered: boolean;
  /** The creator rings, and no round has heard it. */
  ringing: boolean;
}
