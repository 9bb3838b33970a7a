import type { Context } from 'aws-lambda';
import { awsFaultOf } from './aws-errors.ts';
import { AppError } from './errors.ts';
import { runInvocation } from './invocation.ts';
import { describeError, type Logger } from './logger.ts';
import type { Counter } from './metrics.ts';

/** What every function reports with. */
export interface Reporting {
  logger: Pick<Logger, 'error'>;
  counter: Pick<Counter, 'count'>;
}

/**
 * Wraps a handler: its log lines carry the id of the invocation, its metrics are printed at the end, and an error that
 * leaves it is logged. It then fails the invocation, so that Lambda counts it: with itself if it is an `AppError`, else
 * with `INVOCATION_FAILED`.
 * @param start makes what the handler works with; called in each invocation
 */
export function observed<E, R, D extends { logger: Pick<Logger, 'error'>; counter: Counter }>(
  start: () => D,
  run: (event: E, dependencies: D) => Promise<R>,
): (event: E, context?: Partial<Context>) => Promise<R> {
  return (event, context) =>
    runInvocation(invocationOf(context), async () => {
      const dependencies = start();
      try {
        return await run(event, dependencies);
      } catch (error) {
        reportFailure('invocation failed', error, dependencies);
        throw ownError(error);
      } finally {
        dependencies.counter.flush();
      }
    });
}

/** Lambda logs the message of the error that leaves a handler. That of a foreign error may hold a request, and so SQL. */
const ownError = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : new AppError('INVOCATION_FAILED', 'The invocation failed. The line before this one says why.');

/** Who calls a handler without Lambda may give no context, or a part of one. */
function invocationOf(context: Partial<Context> = {}): Parameters<typeof runInvocation>[0] {
  const { awsRequestId, invokedFunctionArn } = context;
  const left = context.getRemainingTimeInMillis?.();
  return {
    ...(awsRequestId !== undefined && { requestId: awsRequestId }),
    ...(invokedFunctionArn !== undefined && { functionArn: invokedFunctionArn }),
    ...(left !== undefined && { endsAt: Date.now() + left }),
  };
}

/** Logs a failure. Counts it as `RightMissing` if AWS denied a call: only a person can help then. */
export function reportFailure(
  happening: string,
  error: unknown,
  { logger, counter }: Reporting,
  about: Record<string, string | undefined> = {},
): void {
  logger.error(happening, { ...about, error: describeError(error) });
  if (awsFaultOf(error) === 'RIGHT_MISSING') counter.count('RightMissing');
}
