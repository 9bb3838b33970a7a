import type { IssueRecord, Stage } from '../../issue/record.ts';
import type { Trigger } from '../../issue/triggers.ts';
import type { Shown } from '../shown-content.ts';

/** What the forms of a request are built from. */
export interface FormInput {
  /** What a card shows of the record. It is stored with the request, so that every form of a round shows the same. */
  issue: Pick<IssueRecord, 'issueId' | 'title' | 'url' | 'creator' | 'projectId' | 'assignee'>;
  stage: Stage;
  contentSha256: string;
  triggers: readonly Trigger[];
  /** Feishu does not know the creator, so the bot is the initiator. */
  requesterIsBot: boolean;
  /** What the last request for this stage showed. Absent for the first one. */
  previous?: Shown | undefined;
}
