import { cutToBytes } from '../runtime/cut-text.ts';
import { safeParse } from '../runtime/safe-parse.ts';
import { OaError } from './errors.ts';
import type { OaApproval } from './gateway.ts';
import type { TransportAnswer } from './transport.ts';
import { OA_STATUSES, oaAnswerSchema } from './wire.ts';

/** Reads the answers of an OA (docs/contract.md 5). Pure. */

/** In bytes of UTF-8: the limit of e-mail addresses, and what the record has room for (ADR 8). */
const MAX_DECIDED_BY = 254;
const MAX_COMMENT = 1_500;
const MAX_ID = 512;
const MAX_WORD = 40;
/** Messages are not hidden for longer. So a mistake of the OA cannot stop its calls for a day. */
const MAX_WAIT_SECONDS = 15 * 60;

/** An expected status of a withdrawn approval, although the contract does not list it. */
const CANCELED = /^cancell?ed$/i;

export interface ReadAnswer {
  approval: OaApproval;
  /** A status that the contract does not list, for the log: printable and cut. */
  unknownStatus?: string;
}

/** Parses the answer to a POST or GET, with status 200 or 201. Throws an `OaError` UNAVAILABLE if it is invalid. */
export function readApproval({ status: httpStatus, body }: TransportAnswer): ReadAnswer {
  const parsed = safeParse(oaAnswerSchema, parseJson(body));
  if (!parsed.success || !isUsableId(parsed.data.id)) {
    throw new OaError('UNAVAILABLE', "The OA's answer does not follow the contract.", { httpStatus });
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

/** Whether an id can stand in a path. URLs read `.` and `..` as relative segments, even if percent-encoded. */
export const isUsableId = (id: string): boolean =>
  id.isWellFormed() && id !== '.' && id !== '..' && Buffer.byteLength(id) <= MAX_ID;

/** Returns the error for an unexpected answer. With 429 it has `retryAfterSeconds` if the OA sent it. */
export function refusalOf({ status: httpStatus, headers }: TransportAnswer, now: Date): OaError {
  if (httpStatus !== 429) {
    return new OaError('UNAVAILABLE', `The OA answered HTTP ${httpStatus}.`, { httpStatus });
  }
  const retryAfterSeconds = readRetryAfter(headers['retry-after'], now);
  return new OaError('RATE_LIMITED', 'The OA limits the rate of calls.', { httpStatus, retryAfterSeconds });
}

/** Returns the seconds of a Retry-After header, which has seconds or a date (RFC 9110, 10.2.3). At most 15 minutes. */
function readRetryAfter(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  // Date.parse accepts texts that are not HTTP dates.
  const at = text.endsWith(' GMT') ? Date.parse(text) : Number.NaN;
  const seconds = /^\d+$/.test(text) ? Number(text) : (at - now.getTime()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(Math.ceil(seconds), 0), MAX_WAIT_SECONDS);
}

/** Returns undefined for an empty text. */
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
