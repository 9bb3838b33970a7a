import * as z from 'zod';
import { AppError } from './errors.ts';

/** Not retryable for the caller, but a person can fix these while the work waits: the set-up or a secret is wrong. */
const FIXED_BY_A_PERSON: ReadonlySet<string> = new Set([
  'SETUP',
  'SECRET_MISSING',
  'SECRET_INVALID',
  'NO_CREDENTIALS',
  'BAD_ENVIRONMENT',
]);

/**
 * Returns true if the same work fails again as long as the same version runs: an `AppError` that is not retryable, a
 * stored item that cannot be read, or a bug. Such work is set aside at once, and a redrive tries it again after a
 * deployment. Everything else may pass by itself or is fixed by a person, so it is retried.
 */
export function isLasting(error: unknown): boolean {
  if (error instanceof AppError) return !error.retryable && !FIXED_BY_A_PERSON.has(error.code);
  return error instanceof z.ZodError || isBug(error);
}

/**
 * An unreachable host is a TypeError, too: that of fetch has a cause. The AWS SDK adds `$response` to every error that
 * an answer which it cannot read leads to.
 */
function isBug(error: unknown): boolean {
  const isOfTheLanguage =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return isOfTheLanguage && error.cause === undefined && !('$response' in error);
}
