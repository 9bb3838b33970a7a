import * as z from 'zod';
import { FORM_WORDINGS, type FormKind } from '../../../feishu/form/form-kind.ts';
import { isKnown, storedSchema } from '../../../runtime/stored-items.ts';

/**
 * What is known about the creates that the tenant of an app accepts (ADR 13). Feishu documents no limit for text. So
 * the sizes that passed and those that were refused are remembered for a week. Each wording has its own sizes,
 * because i18n keys may be refused where plain text passes.
 */
const boundSchema = z.object({ bytes: z.int(), at: z.string() });
const boundsSchema = z.object({
  /** The largest create that passed. */
  passed: boundSchema.optional(),
  /** The smallest create that was refused while another form of the same request passed. */
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

/** The members of a form that are compared. */
export interface SizedForm extends FormKind {
  /** Size of the whole create call. */
  bytes: number;
}

/** The memory of an app without any create. */
export const NOTHING_KNOWN: FormMemory = { KEYS: {}, PLAIN: {} };

const WEEK_MS = 7 * 24 * 60 * 60_000;
/** The precision of `passedAt`. It limits writes to one a minute, however many creates pass. */
const PASSED_STEP_MS = 60_000;

/** Returns what is still valid at `now`: the limits of a tenant may change. Pure. */
export function recall(memory: FormMemory, now: Date): FormMemory {
  const recent = (bound: Bounds['passed']) =>
    bound && now.getTime() - Date.parse(bound.at) < WEEK_MS ? bound : undefined;
  const bounds = (all: Bounds): Bounds => withBounds(all, recent(all.passed), recent(all.refused));
  return { ...memory, KEYS: bounds(memory.KEYS), PLAIN: bounds(memory.PLAIN) };
}

/**
 * Whether a create of this size may pass: it may if it is smaller than every one that is known to be refused. Pure.
 */
export const mayPass = ({ wording, bytes }: SizedForm, memory: FormMemory): boolean =>
  bytes < (memory[wording].refused?.bytes ?? Number.POSITIVE_INFINITY);

/**
 * Returns the memory after a form has passed whose other forms were refused before. Only now a refusal counts, and
 * only that of a larger form, or of the other wording at the same level. Any other refusal may have had another
 * cause. Pure.
 * @param memory what is still valid (`recall`)
 * @param at.created the form passed in this very call, which proves that creates pass now
 */
export function learn(
  memory: FormMemory,
  passed: SizedForm,
  refused: readonly SizedForm[],
  { now, created }: { now: Date; created: boolean },
): FormMemory {
  // The memory has no sizes for a wording that only a newer version knows. What passed in it says nothing about the
  // others.
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

/** Whether a change is worth a write: the sizes changed, or `passedAt` is at least a minute later. Pure. */
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

/** Replaces the sizes. Members that only a newer version knows stay. */
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
