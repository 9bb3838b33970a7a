import * as z from 'zod';

const batchResponseSchema = z.union([
  z.object({
    batchItemFailures: z.array(z.object({ itemIdentifier: z.string().nullish() })).nullish(),
  }),
  z.null(),
  z.undefined(),
]);

/**
 * Invokes a function and reads its partial batch response as Lambda does. Returns the failed items: none if the list is
 * empty or absent; all if the function throws, or its answer is malformed or names an unknown item.
 */
export async function failedItems(
  identifiers: readonly string[],
  invoke: () => Promise<unknown>,
): Promise<ReadonlySet<string>> {
  const all = new Set(identifiers);
  let answer: unknown;
  try {
    answer = await invoke();
  } catch {
    return all;
  }
  const parsed = batchResponseSchema.safeParse(answer);
  if (!parsed.success) return all;
  const failures = (parsed.data?.batchItemFailures ?? []).map((failure) => failure.itemIdentifier ?? '');
  return failures.every((identifier) => all.has(identifier)) ? new Set(failures) : all;
}

/** Returns the position of the first failed item in the batch, or undefined if none failed. */
export async function firstFailure(
  identifiers: readonly string[],
  invoke: () => Promise<unknown>,
): Promise<number | undefined> {
  const failed = await failedItems(identifiers, invoke);
  const index = identifiers.findIndex((identifier) => failed.has(identifier));
  return index === -1 ? undefined : index;
}
