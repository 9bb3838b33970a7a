import type { CloseReason, CommentKind, Ending } from '../issue/approval-words.ts';
import { cutAfter, escapeLine } from './form/foreign-text.ts';
import { largestThatFits } from './form/largest-that-fits.ts';
import { EN_US } from './messages-en-us.ts';
import { ZH_CN } from './messages-zh-cn.ts';

export interface CommentDetails {
  /** Why the card was withdrawn; only WITHDRAWN says it. */
  reason?: CloseReason | Ending | undefined;
  /** The e-mail of who is asked by the request that follows; only WITHDRAWN says it. */
  successor?: string | undefined;
}

/** How long an address is at most, escapes included; none of them is cut. */
const ADDRESS_LIMIT = 120;

/** An address is what somebody typed: on one line, and nothing in it is invisible. */
function showAddress(email: string): string {
  const cut = (limit: number) => cutAfter(email, limit);
  const limit = largestThatFits(
    1,
    ADDRESS_LIMIT,
    (characters) => escapeLine(cut(characters).text).length <= ADDRESS_LIMIT,
  );
  const { text, shown, total } = cut(limit ?? 1);
  return `${escapeLine(text)}${shown < total ? '…' : ''}`;
}

/**
 * The text of a remark on a Feishu instance. People of both languages read the same comment, so both stand in
 * it, on one line. It depends on nothing but its arguments: the outbox compares it with the comments already there.
 * It never holds SQL (docs/feishu.md 12.17).
 */
export function commentText(remark: CommentKind, details: CommentDetails = {}): string {
  const successor = details.successor === undefined ? undefined : showAddress(details.successor);
  return [ZH_CN, EN_US]
    .map(({ remarks, closeReasons }) =>
      remarks[remark]({ reason: details.reason && closeReasons[details.reason], successor }),
    )
    .join(' / ');
}
