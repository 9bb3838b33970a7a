import type * as z from 'zod';
import { AppError } from './errors.ts';

/**
 * Parses the environment variables of a Lambda function. Empty variables count as absent. Throws `BAD_ENVIRONMENT`,
 * whose message names every invalid variable and never a value.
 */
export function readEnv<S extends z.ZodType>(
  schema: S,
  source: Record<string, string | undefined>,
): z.infer<S> {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present, { reportInput: false });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new AppError('BAD_ENVIRONMENT', `Invalid environment variables. ${problems.join('; ')}`);
}

/** Calls `make` at the first use and keeps the result for the life of the container. Keeps no failure. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
