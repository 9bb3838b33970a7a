import * as z from 'zod';
import { FORM_WORDINGS, type FormWording } from './round.ts';

/**
 * What is known of the creates that an app's tenant takes (ADR 13). Feishu documents no limit of text, so what passed
 * and what was refused is remembered for a week, by wording: i18n keys may be refused where plain text passes.
 */
const boundSchema = z.object({ bytes: z.int(), at: z.string() });
const boundsSchema = z.object({
  /** The largest create that passed. */
  passed: boundSchema.optional(),
  /** The smallest one that was refused, where another form of the same request passed. */
  refused: boundSchema.optional(),
});
type Bounds = z.infer<typeof boundsSchema>;

export const formMemorySchema = z.object({
  KEYS: boundsSchema,
  PLAIN: boundsSchema,
  /** When a create last passed, to the minute, ISO 8601 UTC. */
  passedAt: z.string().optional(),
});
export type FormMemory = z.infer<typeof formMemorySchema>;

/** What is compared of a form. */
export interface SizedForm {
  wording: FormWording;
  /** Of the whole create call. */
  bytes: number;
}

export const NOTHING_KNOWN: FormMemory = { KEYS: {}, PLAIN: {} };

const WEEK_MS = 7 * 24 * 60 * 60_000;
/** How exact `passedAt` is: a write a minute at most, however many creates pass. */
const PASSED_STEP_MS = 60_000;

/** What still counts at `now`: a tenant's limits may change. Pure. */
export function recall(memory: FormMemory, now: Date): FormMemory {
  const recent = (bound: Bounds['passed']) =>
    bound && now.getTime() - Date.parse(bound.at) < WEEK_MS ? bound : undefined;
  const bounds = ({ passed, refused }: Bounds): Bounds => compact(recent(passed), recent(refused));
  return { ...memory, KEYS: bounds(memory.KEYS), PLAIN: bounds(memory.PLAIN) };
}

/** Whether a create of this size may pass, by all that is known: what is smaller than every refused one may. Pure. */
export function mayPass({ wording, bytes }: SizedForm, memory: FormMemory): boolean {
  const { passed, refused } = memory[wording];
  return refused === undefined || bytes < refused.bytes || (passed !== undefined && bytes <= passed.bytes);
}

/**
 * What is known after a form passed that other forms of the same request were refused before. A refusal counts only
 * now: without a form that passes, it may have been for anything. Returns `memory` itself if there is nothing new.
 * Pure.
 */
export function learn(
  memory: FormMemory,
  passed: SizedForm,
  refused: readonly SizedForm[],
  now: Date,
): FormMemory {
  const at = now.toISOString();
  const learned = { ...memory };
  for (const { wording, bytes } of refused) {
    if (wording === passed.wording && bytes <= passed.bytes) continue;
    learned[wording] = withRefused(learned[wording], bytes, at);
  }
  learned[passed.wording] = withPassed(learned[passed.wording], passed.bytes, at);
  const isStale =
    memory.passedAt === undefined || now.getTime() - Date.parse(memory.passedAt) >= PASSED_STEP_MS;
  const isNew = sizesOf(learned) !== sizesOf(memory);
  return isNew || isStale ? { ...learned, passedAt: at } : memory;
}

function withPassed({ passed, refused }: Bounds, bytes: number, at: string): Bounds {
  const largest = passed && passed.bytes > bytes ? passed : { bytes, at };
  // The last word counts: what has passed is not too large any more.
  return compact(largest, refused && refused.bytes > bytes ? refused : undefined);
}

function withRefused({ passed, refused }: Bounds, bytes: number, at: string): Bounds {
  const smallest = refused && refused.bytes < bytes ? refused : { bytes, at };
  return compact(passed && passed.bytes < bytes ? passed : undefined, smallest);
}

const compact = (passed: Bounds['passed'], refused: Bounds['refused']): Bounds => ({
  ...(passed && { passed }),
  ...(refused && { refused }),
});

const sizesOf = (memory: FormMemory): string =>
  JSON.stringify(
    FORM_WORDINGS.map((wording) => [memory[wording].passed?.bytes, memory[wording].refused?.bytes]),
  );
