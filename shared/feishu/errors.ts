import { CallError, type CallErrorDetails } from '../runtime/errors.ts';

/**
 * What a failed Feishu call means, whatever its code is (docs/feishu.md 8):
 * - REFUSED: about this request, and final.
 * - SETUP: scope, definition, app, credentials or quota. Nothing is wrong with the issue.
 * - UNAVAILABLE: timeout, reset, 5xx or internal error. Feishu may have done what was asked.
 * - RATE_LIMITED: try again after `retryAfterSeconds`.
 * - UUID_CONFLICT: an instance with this uuid exists already (60012).
 */
export type FeishuErrorCode = 'REFUSED' | 'SETUP' | 'UNAVAILABLE' | 'RATE_LIMITED' | 'UUID_CONFLICT';

export class FeishuError extends CallError<FeishuErrorCode> {
  /** Feishu's own code, if the answer had one. */
  readonly feishuCode: number | undefined;

  constructor(
    code: FeishuErrorCode,
    message: string,
    details: CallErrorDetails & { feishuCode?: number | undefined } = {},
  ) {
    super(code, message, details);
    this.name = 'FeishuError';
    this.feishuCode = details.feishuCode;
  }
}

/** Whether Feishu gave one of these codes (`FEISHU_CODES`). */
export const hasCode = (error: unknown, codes: readonly number[]): error is FeishuError =>
  error instanceof FeishuError && error.feishuCode !== undefined && codes.includes(error.feishuCode);

export const isFeishuError = (error: unknown): error is FeishuError => error instanceof FeishuError;
