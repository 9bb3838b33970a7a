import { AppError } from './errors.ts';

/** Rejects with a retryable `TOO_SLOW` if the work is not done in time. The work itself goes on. */
export function within<T>(milliseconds: number, work: Promise<T>, message: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new AppError('TOO_SLOW', message, { retryable: true })),
    milliseconds,
  );
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
