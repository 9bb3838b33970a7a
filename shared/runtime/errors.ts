/**
 * The one error of this system. `code` is stable and for machines, `message` is a sentence for a person and
 * holds no secret and no SQL, `retryable` says whether the same call may succeed later.
 */
export class AppError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
