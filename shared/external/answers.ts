import { cutToBytes } from '../runtime/cut-text.ts';
import { safeParse } from '../runtime/safe-parse.ts';
import { OaError } from './errors.ts';
import type { OaApproval } from './gateway.ts';
import type { TransportAnswer } from './transport.ts';
import { OA_STATUSES, oaAnswerSchema } from './wire.ts';

/** What the answers of an OA mean (docs/contract.md 5). Pure. */

/** In bytes of UTF-8: an e-mail's own limit, and what the record has room for (ADR 8). */
const MAX_DECIDED_BY = 254;
const MAX_COMMENT = 1_500;
const MAX_ID = 512;
const MAX_WORD = 40;
/** No message can be hidden longer, and a slip of the OA must not silence it for a day. */
const MAX_WAIT_SECONDS = 15 * 60;

/** What an OA says of an approval that was taken back: none of the list, and nothing to wonder at. */
const CANCELED = /^cancell?ed$/i;

export interface ReadAnswer {
  approval: OaApproval;
  /** The status that was none of the list, for the log: printable and cut. */
  unknownStatus?: string;
}

/** Reads the body of a POST or a GET that was answered 200 or 201. Throws `OaError` UNAVAILABLE. */
export function readApproval({ status: httpStatus, body }: TransportAnswer): ReadAnswer {
  const parsed = safeParse(oaAnswerSchema, parseJson(body));
  if (!parsed.success || !isUsableId(parsed.data.id)) {
    throw new OaError('UNAVAILABLE', "The OA's answer is not in the form of the contract.", { httpStatus });
  }
  const { id, status } = parsed.data;
  const decidedBy = cut(parsed.data.decidedBy, MAX_DECIDED_BY);
  const comment = cut(parsed.data.comment, MAX_COMMENT);
  const known = OA_STATUSES.find((one) => one === status);
  const isCanceled = typeof status === 'string' && CANCELED.test(status);
  return {
    approval: {
      id,
      status: known ?? 'PENDING',
      ...(isCanceled && { canceled: true }),
      ...(decidedBy !== undefined && { decidedBy }),
      ...(comment !== undefined && { comment }),
    },
    ...(known === undefined && !isCanceled && { unknownStatus: wordOf(status) }),
  };
}

/** An id that stands in a path as itself: URLs take `.` and `..` for steps, also when they are percent-encoded. */
export const isUsableId = (id: string): boolean =>
  id.isWellFormed() && id !== '.' && id !== '..' && Buffer.byteLength(id) <= MAX_ID;

/** An answer that is none of the expected ones. `retryAfterSeconds` of 429 is there if the OA said it. */
export function refusalOf({ status: httpStatus, headers }: TransportAnswer, now: Date): OaError {
  if (httpStatus !== 429) {
    return new OaError('UNAVAILABLE', `The OA answered HTTP ${httpStatus}.`, { httpStatus });
  }
  const retryAfterSeconds = readRetryAfter(headers['retry-after'], now);
  return new OaError('RATE_LIMITED', 'The OA asks us to slow down.', { httpStatus, retryAfterSeconds });
}

/** Seconds, or a date (RFC 9110, section 10.2.3); a quarter of an hour at most. */
function readRetryAfter(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  // Of what is no date of HTTP, Date.parse still makes one.
  const at = text.endsWith(' GMT') ? Date.parse(text) : Number.NaN;
  const seconds = /^\d+$/.test(text) ? Number(text) : (at - now.getTime()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(Math.ceil(seconds), 0), MAX_WAIT_SECONDS);
}

/** undefined: nothing was said. */
const cut = (text: string | null | undefined, most: number): string | undefined =>
  cutToBytes((text ?? '').trim(), most) || undefined;

const wordOf = (status: unknown): string =>
  typeof status === 'string'
    ? [...status.replaceAll(/[^\x20-\x7e]/g, '?')].slice(0, MAX_WORD).join('')
    : `(${status === null ? 'null' : typeof status})`;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
