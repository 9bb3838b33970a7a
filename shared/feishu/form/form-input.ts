import type { IssueRecord, Stage } from '../../issue/record.ts';
import type { Trigger } from '../../issue/triggers.ts';
import type { Shown } from '../shown.ts';

/** What the forms of a request are made from. */
export interface FormInput {
  /** Only what a card shows of the record: it is stored with the request, so that every later form of a round is made from the same. */
  issue: Pick<IssueRecord, 'issueId' | 'title' | 'url' | 'creator' | 'projectId' | 'assignee'>;
  stage: Stage;
  contentSha256: string;
  triggers: readonly Trigger[];
  /** The creator is unknown to Feishu, so the bot asks in their place. */
  requesterIsBot: boolean;
  /** What the last request for this stage showed; absent at the first. */
  previous?: Shown | undefined;
}
