import { Logger } from '@aws-lambda-powertools/logger';
import { AppError } from './errors.ts';

/**
 * Writes JSON logs with issueId, approvalId, instanceCode and eventId, never SQL, tokens, secrets or whole records.
 * POWERTOOLS_LOG_LEVEL sets the level.
 */
export const createLogger = (serviceName: string): Logger => new Logger({ serviceName });
export type { Logger };

/** What may be logged of an error: name, code and message. Not its cause, which may hold a request. */
export function describeError(error: unknown): { name: string; code?: string; message: string } {
  if (!(error instanceof Error))
    return { name: 'Unknown', message: 'something that is not an Error was thrown' };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return {
    name: error.name,
    ...code,
    message:
      error instanceof AppError ? error.message : 'see the name; messages of other libraries are not logged',
  };
}
