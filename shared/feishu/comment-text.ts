import type { CloseReason, CommentKind, Ending } from '../issue/approval-words.ts';
import { cutAfter, escapeLine } from './form/foreign-text.ts';
import { largestThatFits } from './form/largest-that-fits.ts';
import { EN_US } from './messages-en-us.ts';
import { ZH_CN } from './messages-zh-cn.ts';

export interface CommentDetails {
  /** Why the card was withdrawn. Only WITHDRAWN uses it. */
  reason?: CloseReason | Ending | undefined;
  /** The e-mail address of the approver of the next request. Only WITHDRAWN uses it. */
  successor?: string | undefined;
}

/** The maximum length of an address, including escapes, which are never cut. */
const ADDRESS_LIMIT = 120;

/** Escapes an address, which somebody typed: it stays on one line, and nothing in it is invisible. */
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
 * Returns the text of a comment on a Feishu instance. All people read the same comment, so it has both languages, on
 * one line. It depends only on its arguments, because a repeated comment is found by its text. It never contains SQL
 * (docs/feishu.md 12.17).
 */
export function commentText(kind: CommentKind, details: CommentDetails = {}): string {
  const successor = details.successor === undefined ? undefined : showAddress(details.successor);
  return [ZH_CN, EN_US]
    .map(({ remarks, closeReasons }) =>
      remarks[kind]({ reason: details.reason && closeReasons[details.reason], successor }),
    )
    .join(' / ');
}
