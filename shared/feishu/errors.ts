import { AppError } from '../runtime/errors.ts';

/**
 * What a failed Feishu call means to us, whatever its code was (docs/feishu.md 8):
 * - REFUSED: about this request and final;
 * - SETUP: scope, definition, app, credentials or quota — nothing is wrong with the issue;
 * - UNAVAILABLE: timeout, reset, 5xx, internal error — may have been carried out all the same;
 * - RATE_LIMITED: come back after `retryAfterSeconds`;
 * - UUID_CONFLICT: the uuid of create-instance was used before (60012).
 */
export type FeishuErrorCode = 'REFUSED' | 'SETUP' | 'UNAVAILABLE' | 'RATE_LIMITED' | 'UUID_CONFLICT';

export class FeishuError extends AppError {
  declare readonly code: FeishuErrorCode;
  /** Feishu's own code, when it gave one. */
  readonly feishuCode: number | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Absent when there was no answer. */
  readonly httpStatus: number | undefined;

  constructor(
    code: FeishuErrorCode,
    message: string,
    details: {
      feishuCode?: number | undefined;
      httpStatus?: number | undefined;
      retryAfterSeconds?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(code, message, {
      retryable: code === 'UNAVAILABLE' || code === 'RATE_LIMITED',
      cause: details.cause,
    });
    this.name = 'FeishuError';
    this.feishuCode = details.feishuCode;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.httpStatus = details.httpStatus;
  }
}

/** Whether Feishu gave one of these codes (`FEISHU_CODES`). */
export const hasCode = (error: unknown, codes: readonly number[]): error is FeishuError =>
  error instanceof FeishuError && error.feishuCode !== undefined && codes.includes(error.feishuCode);

export const isFeishuError = (error: unknown): error is FeishuError => error instanceof FeishuError;
