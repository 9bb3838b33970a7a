import type { RoundErrorCode } from '../../plan/round.ts';

/** The codes of errors that a round asked in Feishu can have. */
export type FeishuRoundError = Exclude<RoundErrorCode, 'OA_UNAVAILABLE'>;

export interface ErrorDetails {
  /** The address that was looked up: the assignee's. */
  email?: string | undefined;
  /** Who decided, as far as known: an e-mail or open_id. */
  decidedBy?: string | undefined;
  /** What was decided without a person; absent: an approval. */
  result?: 'APPROVED' | 'REJECTED' | undefined;
  /** Feishu's own code. Its message is left out on purpose: it may quote the form, which has SQL. */
  feishuCode?: number | undefined;
  /** A sentence of this product, e.g. which scope is missing; never a message of Feishu. */
  detail?: string | undefined;
}

/** Returns `error.message` for the record (docs/contract.md 1): one or two English sentences that say what to do. */
export function feishuErrorSentence(code: FeishuRoundError, details: ErrorDetails = {}): string {
  const feishuCode = details.feishuCode === undefined ? '' : ` (Feishu code ${details.feishuCode})`;
  const detail = details.detail === undefined ? '' : ` ${details.detail}`;
  switch (code) {
    case 'ASSIGNEE_NOT_IN_FEISHU':
      return (
        `Feishu knows nobody with the e-mail ${details.email ?? 'of the assignee'} who could approve. Usually the address is not the ` +
        "one in their Feishu profile, they are outside the app's availability range, or their account is frozen or " +
        'closed. Correct the assignee or widen the range; it is tried again daily and when the creator rings the bell.'
      );
    case 'FEISHU_REFUSED':
      return `Feishu refused this request${feishuCode}.${detail} Nothing was sent; the creator can ring the bell to try again.`;
    case 'DECIDED_BY_ANOTHER':
      return (
        `The request was approved by ${details.decidedBy ?? 'somebody'}, who was not asked, so the approval was not applied. ` +
        'Make them the assignee, or ring the bell to ask the assignee again.'
      );
    case 'DECIDED_AUTOMATICALLY':
      return (
        `Feishu ${details.result === 'REJECTED' ? 'rejected' : 'passed'} the request by itself, without a person deciding, so it was not ` +
        'applied. Remove the rule that does this in the Feishu admin console, then ring the bell to ask again.'
      );
    case 'FEISHU_SETUP':
      return (
        `Feishu's set-up stops this request${feishuCode}.${detail} Nothing is wrong with the issue; it is sent by itself once ` +
        'the set-up is fixed: run the check of the Feishu settings.'
      );
    case 'FEISHU_UNAVAILABLE':
      return `Feishu cannot be reached${feishuCode}. Nothing is wrong with the issue; it is sent by itself once Feishu is back.`;
    case 'CANCEL_REFUSED':
      return (
        `Feishu refused to withdraw the old request${feishuCode}, so it may still be open. ` +
        'A decision on it will not be applied.'
      );
    default:
      return code satisfies never;
  }
}
