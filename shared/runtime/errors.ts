/**
 * The base of all errors of this product. `code` is stable, for programs. `message` is a sentence for a person, without
 * secrets and SQL. `retryable` says whether the same call may succeed later.
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

export interface CallErrorDetails {
  httpStatus?: number | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** A failed call to another system. UNAVAILABLE and RATE_LIMITED are retryable. */
export class CallError<Code extends string> extends AppError {
  declare readonly code: Code;
  /** Absent if there was no answer. */
  readonly httpStatus: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: Code, message: string, { httpStatus, retryAfterSeconds, cause }: CallErrorDetails = {}) {
    super(code, message, { retryable: code === 'UNAVAILABLE' || code === 'RATE_LIMITED', cause });
    this.httpStatus = httpStatus;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
