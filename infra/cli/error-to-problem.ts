import { AppError } from '../../shared/runtime/errors.ts';
import { CommandProblem } from '../command-problem.ts';
import { EXIT } from '../exit-codes.ts';
import type { Deployment } from './deployment.ts';
import { outOfReach } from './problem.ts';

/** Returns the names and codes of an error and its causes, which identify a failure of the SDK or of `fetch`. */
export function errorNames(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const code = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(errorNames) : [];
  return [error.name, ...code, ...inner, ...errorNames(error.cause)];
}

const CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;
const EXPIRED =
  /^(ExpiredToken|ExpiredTokenException|RequestExpired|InvalidClientTokenId|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|InvalidAccessKeyId|AuthFailure)$/;
const REFUSED = /^(AccessDenied|AccessDeniedException|AccessDeniedError|UnauthorizedOperation|Forbidden)$/;
const MISSING =
  /^(ResourceNotFoundException|QueueDoesNotExist|NoSuchBucket|AWS\.SimpleQueueService\.NonExistentQueue)$/;
const NETWORK =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|EPIPE|TimeoutError|AbortError|UND_ERR_.*|CERT_.*|.*_CERT.*)$/;

export const isNetwork = (error: unknown): boolean => errorNames(error).some((name) => NETWORK.test(name));

/**
 * Turns any error into a CommandProblem. Does not repeat messages of other software: they may contain secrets or SQL.
 * `deployment`: the one that the command worked on, if it was found.
 */
export function toProblem(error: unknown, deployment?: Pick<Deployment, 'where'>): CommandProblem {
  if (error instanceof CommandProblem) return error;
  const names = errorNames(error);
  const is = (pattern: RegExp) => names.some((name) => pattern.test(name));
  const at = deployment?.where ?? 'AWS';
  if (error instanceof Error && /region is missing/i.test(error.message)) {
    return outOfReach('NO_REGION', 'No AWS Region: use --region, set AWS_REGION, or use --local.', error);
  }
  if (
    error instanceof Error &&
    /region not accepted|invalid (region|configuration.*region)/i.test(error.message)
  ) {
    return outOfReach(
      'BAD_REGION',
      'The configured Region is not valid: correct AWS_REGION, or use --region.',
      error,
    );
  }
  if (is(CREDENTIALS)) {
    return outOfReach(
      'NO_CREDENTIALS',
      'No AWS credentials: run aws sso login, or set AWS_PROFILE, or use --local.',
      error,
    );
  }
  if (is(EXPIRED)) {
    return outOfReach(
      'BAD_CREDENTIALS',
      'AWS does not accept these credentials: run aws sso login again, or choose others with --profile.',
      error,
    );
  }
  if (is(REFUSED)) {
    return outOfReach(
      'ACCESS_DENIED',
      `These credentials are not allowed to do this at ${at}: use other credentials with --profile, or ask for the permission.`,
      error,
    );
  }
  if (is(MISSING)) {
    return outOfReach(
      'MISSING_RESOURCE',
      `A resource of ${at} does not exist any more: deploy the stack again, or use another one with --stack.`,
      error,
    );
  }
  if (is(NETWORK)) {
    return outOfReach('NO_NETWORK', `${at} does not answer: check the network and try again.`, error);
  }
  if (error instanceof AppError) {
    return error.retryable
      ? outOfReach(error.code, `${error.message} Try again in a minute.`, error)
      : new CommandProblem(EXIT.failed, error.code, error.message, { cause: error });
  }
  const what = error instanceof Error ? error.name : 'unknown';
  return new CommandProblem(
    EXIT.failed,
    'UNEXPECTED',
    `An unexpected error occurred (${what}): try again, and report it if it happens again.`,
    {
      cause: error,
    },
  );
}
