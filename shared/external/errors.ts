import { AppError } from '../runtime/errors.ts';

/**
 * What a failed call to an OA means to us. None of them decides anything: a step is never rejected because its OA
 * fails (docs/contract.md 5).
 * - UNAVAILABLE: no answer in time, or one that is not of the contract; it may have been carried out all the same;
 * - RATE_LIMITED: 429; come back after `retryAfterSeconds`;
 * - REFUSED: the OA does not take it, or does not take it back (a 4xx to POST or PATCH that says something of it);
 * - SETUP: the node, or its signing secret, is not configured any more.
 */
export type OaErrorCode = 'UNAVAILABLE' | 'RATE_LIMITED' | 'REFUSED' | 'SETUP';

export class OaError extends AppError {
  declare readonly code: OaErrorCode;
  /** Absent when there was no answer. */
  readonly httpStatus: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: OaErrorCode,
    message: string,
    details: {
      httpStatus?: number | undefined;
      retryAfterSeconds?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(code, message, {
      retryable: code === 'UNAVAILABLE' || code === 'RATE_LIMITED',
      cause: details.cause,
    });
    this.name = 'OaError';
    this.httpStatus = details.httpStatus;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

export const isOaError = (error: unknown): error is OaError => error instanceof OaError;
