import { CallError, type CallErrorDetails } from '../runtime/errors.ts';

/**
 * What a failed call to an OA means. It never decides anything: a step is not rejected because its OA fails
 * (docs/contract.md 5).
 * - UNAVAILABLE: no answer in time, or an answer that breaks the contract. The OA may have done what was asked.
 * - RATE_LIMITED: HTTP 429. Try again after `retryAfterSeconds`.
 * - REFUSED: the OA refuses the request or the withdrawal: a 4xx to POST or PATCH that is about the approval.
 * - SETUP: the node or its signing secret is not configured any more.
 */
export type OaErrorCode = 'UNAVAILABLE' | 'RATE_LIMITED' | 'REFUSED' | 'SETUP';

export class OaError extends CallError<OaErrorCode> {
  constructor(code: OaErrorCode, message: string, details: CallErrorDetails = {}) {
    super(code, message, details);
    this.name = 'OaError';
  }
}

export const isOaError = (error: unknown): error is OaError => error instanceof OaError;
