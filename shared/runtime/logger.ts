import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import { describeAwsAnswer } from './aws-errors.ts';
import { AppError, CallError } from './errors.ts';
import { currentAbout, currentRequestId } from './invocation.ts';

type Attributes = Parameters<LogFormatter['formatAttributes']>;

/** Writes what the present work is about on every line. What a line says itself goes first. */
class AboutFormatter extends LogFormatter {
  override formatAttributes(base: Attributes[0], added: Attributes[1]): LogItem {
    const { logLevel, message, timestamp, serviceName, xRayTraceId } = base;
    return new LogItem({
      attributes: {
        level: logLevel,
        message,
        timestamp: this.formatTimestamp(timestamp),
        service: serviceName,
        function_request_id: currentRequestId(),
        ...(xRayTraceId && { xray_trace_id: xRayTraceId }),
        ...currentAbout(),
      },
    }).addAttributes(added);
  }
}

/**
 * Writes JSON logs, each with what the present work is about (`runAbout`): issueId, approvalId, instanceCode, eventId,
 * correlationId. Never SQL, tokens, secrets or whole records. POWERTOOLS_LOG_LEVEL sets the level.
 */
export function createLogger(serviceName: string): Logger {
  // Powertools would prefer the level of Lambda's own filter, which is INFO for the sake of the metrics.
  if (process.env.POWERTOOLS_LOG_LEVEL !== undefined) delete process.env.AWS_LAMBDA_LOG_LEVEL;
  return new Logger({ serviceName, logFormatter: new AboutFormatter() });
}
export type { Logger };

/** How many causes of an error are described. */
const MOST_CAUSES = 3;

export interface DescribedError {
  name: string;
  code?: string;
  message?: string;
  httpStatus?: number;
  requestId?: string;
  cause?: DescribedError;
}

/**
 * What may be logged of an error: name, code, HTTP status and request id, and the same of its causes. The message only
 * of our own errors: those of others may hold a request, and so SQL.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error))
    return { name: 'Unknown', message: 'something that is not an Error was thrown' };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const httpStatus =
    error instanceof CallError && error.httpStatus !== undefined ? { httpStatus: error.httpStatus } : {};
  const cause =
    error.cause !== undefined && depth < MOST_CAUSES ? { cause: describeError(error.cause, depth + 1) } : {};
  return {
    name: error.name,
    ...code,
    ...(error instanceof AppError && { message: error.message }),
    ...httpStatus,
    ...describeAwsAnswer(error),
    ...cause,
  };
}
