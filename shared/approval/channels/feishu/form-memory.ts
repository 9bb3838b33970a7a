import * as z from 'zod';
import { FORM_WORDINGS, type FormKind } from '../../../feishu/form/form-kind.ts';
import { isKnown, storedSchema } from '../../../runtime/stored.ts';

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

const formMemoryMembers = z.object({
  KEYS: boundsSchema,
  PLAIN: boundsSchema,
  /** When a create last passed, to the minute, ISO 8601 UTC. */
  passedAt: z.string().optional(),
});
export const formMemorySchema = storedSchema(formMemoryMembers);
export type FormMemory = z.infer<typeof formMemorySchema>;

/** What is compared of a form. */
export interface SizedForm extends FormKind {
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
  const bounds = (all: Bounds): Bounds => withBounds(all, recent(all.passed), recent(all.refused));
  return { ...memory, KEYS: bounds(memory.KEYS), PLAIN: bounds(memory.PLAIN) };
}

/** Whether a create of this size may pass, by all that is known: what is smaller than every refused one may. Pure. */
export const mayPass = ({ wording, bytes }: SizedForm, memory: FormMemory): boolean =>
  bytes < (memory[wording].refused?.bytes ?? Number.POSITIVE_INFINITY);

/**
 * What is known after a form passed that other forms of the same request were refused before. A refusal counts only
 * now, and only of a larger form, or of the other wording at the same level: otherwise it may have been for anything.
 * `created`: by this very call, which proves that creates pass now. Pure.
 * @param memory what still counts (`recall`)
 */
export function learn(
  memory: FormMemory,
  passed: SizedForm,
  refused: readonly SizedForm[],
  { now, created }: { now: Date; created: boolean },
): FormMemory {
  // A wording of a newer version has no bounds here: what passed in it says nothing of ours.
  if (!isKnown(FORM_WORDINGS, passed.wording)) return memory;
  const at = now.toISOString();
  const learned = { ...memory };
  for (const { level, wording, bytes } of refused) {
    if (!isKnown(FORM_WORDINGS, wording)) continue;
    const isOtherWording = level === passed.level && wording !== passed.wording;
    if (bytes <= passed.bytes && !isOtherWording) continue;
    learned[wording] = withRefused(learned[wording], bytes, at);
  }
  learned[passed.wording] = withPassed(learned[passed.wording], passed.bytes, at);
  return created ? { ...learned, passedAt: at } : learned;
}

/** Whether it is worth a write: other sizes, or a minute since a create was last known to pass. Pure. */
export function isWorthStoring(learned: FormMemory, before: FormMemory): boolean {
  const { passedAt: now, ...sizes } = learned;
  const { passedAt: then, ...known } = before;
  if (sizesOf(sizes) !== sizesOf(known)) return true;
  if (now === undefined || now === then) return false;
  return then === undefined || Date.parse(now) - Date.parse(then) >= PASSED_STEP_MS;
}

function withPassed(bounds: Bounds, bytes: number, at: string): Bounds {
  const { passed, refused } = bounds;
  const largest = passed && passed.bytes > bytes ? passed : { bytes, at };
  // The newest result wins: a size that passes is no longer too large.
  return withBounds(bounds, largest, refused && refused.bytes > bytes ? refused : undefined);
}

function withRefused(bounds: Bounds, bytes: number, at: string): Bounds {
  const { passed, refused } = bounds;
  const smallest = refused && refused.bytes < bytes ? refused : { bytes, at };
  return withBounds(bounds, passed && passed.bytes < bytes ? passed : undefined, smallest);
}

/** Other bounds in the place of those that stand; what a newer version keeps beside them stays. */
function withBounds(
  { passed: _, refused: __, ...others }: Bounds,
  passed: Bounds['passed'],
  refused: Bounds['refused'],
): Bounds {
  return { ...others, ...(passed && { passed }), ...(refused && { refused }) };
}

const sizesOf = (memory: Pick<FormMemory, 'KEYS' | 'PLAIN'>): string =>
  JSON.stringify(
    FORM_WORDINGS.map((wording) => [memory[wording].passed?.bytes, memory[wording].refused?.bytes]),
  );
