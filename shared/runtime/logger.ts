import { Logger } from '@aws-lambda-powertools/logger';

/**
 * JSON logs with issueId, approvalId, instanceCode, eventId; never SQL, tokens, secrets or whole records.
 * The level comes from POWERTOOLS_LOG_LEVEL.
 */
export const createLogger = (serviceName: string): Logger => new Logger({ serviceName });
export type { Logger };

/** What may be logged of an error: name, code, message — not its cause, which may hold a request. */
export function describeError(error: unknown): { name: string; code?: string; message: string } {
  if (!(error instanceof Error))
    return { name: 'Unknown', message: 'something that is not an Error was thrown' };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const own = ['AppError', 'FeishuError', 'OaError'].includes(error.name);
  return {
    name: error.name,
    ...code,
    message: own ? error.message : 'see the name; foreign messages are not logged',
  };
}
