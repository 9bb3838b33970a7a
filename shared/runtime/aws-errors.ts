import { AppError } from './errors.ts';

/**
 * What a failed call of AWS means. RIGHT_MISSING: IAM or a key policy denies it, so a person must grant a right.
 * REFUSED: the call itself is wrong, or a table or queue is missing; repeating it soon cannot help. BUSY: everything
 * else, such as throttling, a conflict or no answer.
 */
export type AwsFault = 'RIGHT_MISSING' | 'REFUSED' | 'BUSY';

const DENIED = /AccessDenied|NotAuthorized|UnauthorizedOperation|AuthorizationError/i;
/** Client errors that pass by themselves. */
const PASSING =
  /Throttl|LimitExceeded|TooManyRequests|ThroughputExceeded|Conflict|InProgress|ConditionalCheckFailed|Timeout|SlowDown|Expired|RequestTimeTooSkewed/i;

/**
 * Returns the fault of an error, or of the first of its causes that is an error of AWS; undefined if none is. The names
 * are those of the services' API references.
 */
export function awsFaultOf(error: unknown): AwsFault | undefined {
  const answer = awsErrorOf(error);
  if (!answer) return undefined;
  const codes = [answer.name, ...reasonsOf(answer)];
  if (codes.some((code) => DENIED.test(code))) return 'RIGHT_MISSING';
  if (codes.some((code) => PASSING.test(code))) return 'BUSY';
  const status = answer.$metadata.httpStatusCode;
  if (status !== undefined && status >= 500) return 'BUSY';
  if (answer.name === 'TransactionCanceledException')
    return codes.includes('ValidationError') ? 'REFUSED' : 'BUSY';
  return answer.$fault === 'client' ? 'REFUSED' : 'BUSY';
}

/** The part of the SDK's ServiceException that is read. */
interface AwsError extends Error {
  $fault: unknown;
  $metadata: { httpStatusCode?: number; requestId?: string };
}

const isAwsError = (error: unknown): error is AwsError =>
  error instanceof Error && '$fault' in error && '$metadata' in error && error.$metadata instanceof Object;

function awsErrorOf(error: unknown): AwsError | undefined {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++) {
    if (isAwsError(one)) return one;
  }
  return undefined;
}

/** Returns the codes of the items of a canceled transaction, for instance `ConditionalCheckFailed`. */
function reasonsOf(error: Error): string[] {
  if (!('CancellationReasons' in error) || !Array.isArray(error.CancellationReasons)) return [];
  return error.CancellationReasons.flatMap((reason: unknown) =>
    reason instanceof Object && 'Code' in reason && typeof reason.Code === 'string' ? [reason.Code] : [],
  );
}

/** The code and the sentence of an error. */
type Words = readonly [code: string, message: string];

/**
 * Returns the error of a failed call of AWS, by its fault: `RIGHT_MISSING`, or these words. All are retryable: a person
 * can grant the right or correct what is refused while the work waits.
 */
export function awsCallError(
  cause: unknown,
  { missingRight, refused, busy }: { missingRight: string; refused: Words; busy: Words },
): AppError {
  const words: Record<AwsFault, Words> = {
    RIGHT_MISSING: ['RIGHT_MISSING', missingRight],
    REFUSED: refused,
    BUSY: busy,
  };
  const [code, message] = words[awsFaultOf(cause) ?? 'BUSY'];
  return new AppError(code, message, { retryable: true, cause });
}

/** What may be logged of an answer of AWS: status, request id, and the codes of a canceled transaction. */
export function describeAwsAnswer(error: unknown): Record<string, string | number> {
  if (!isAwsError(error)) return {};
  const { httpStatusCode, requestId } = error.$metadata;
  const reasons = reasonsOf(error).filter((code) => code !== 'None');
  return {
    ...(httpStatusCode !== undefined && { httpStatus: httpStatusCode }),
    ...(requestId !== undefined && { requestId }),
    ...(reasons.length > 0 && { reasons: reasons.join(' ') }),
  };
}
