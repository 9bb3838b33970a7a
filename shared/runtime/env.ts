import type * as z from 'zod';
import { AppError } from './errors.ts';

/**
 * Parses the environment of one Lambda, once, naming every variable that is wrong.
 * Empty variables count as absent. Values never appear in the message.
 */
export function readEnv<S extends z.ZodType>(
  schema: S,
  source: Record<string, string | undefined>,
): z.infer<S> {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present, { reportInput: false });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new AppError('BAD_ENVIRONMENT', `The environment of this function is wrong. ${problems.join('; ')}`);
}

/** Calls `make` at the first use and keeps its result: what a Lambda container does once. A failure is not kept. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
