import * as z from 'zod';

/** The switches to misbehave: each for the next `times` occasions, or until cleared. */

export const METHODS = ['POST', 'GET', 'PATCH'] as const;
export type Method = (typeof METHODS)[number];

const times = z.int().min(1).optional();
/** Only at calls of this method, if it is named. */
const on = z.enum(METHODS).optional();

const callFaultSchema = z.discriminatedUnion('kind', [
  /** Never answers; the caller has to give up. Nothing is carried out. */
  z.strictObject({ kind: z.literal('HANG'), on, times }),
  /** Answers after `ms`. */
  z.strictObject({ kind: z.literal('SLOW'), on, times, ms: z.int().min(1) }),
  /** The connection is reset and nothing was carried out. */
  z.strictObject({ kind: z.literal('RESET_BEFORE'), on, times }),
  /** Carried out, then the connection is reset: the answer is lost. */
  z.strictObject({ kind: z.literal('RESET_AFTER'), on, times }),
  /** Any status, as a gateway in between might say it; `carriedOut`: after the work was done. */
  z.strictObject({
    kind: z.literal('STATUS'),
    on,
    times,
    status: z.int().min(200).max(599),
    carriedOut: z.boolean().default(false),
    retryAfterSeconds: z.int().min(0).optional(),
  }),
  /** Carried out, and answered with what is not JSON, or not of the schema. */
  z.strictObject({
    kind: z.literal('BAD_BODY'),
    on,
    times,
    as: z.enum(['NOT_JSON', 'OTHER_SHAPE']).default('NOT_JSON'),
  }),
  /** Carried out, and answered with a status that is none of the list. */
  z.strictObject({ kind: z.literal('UNKNOWN_STATUS'), on, times, as: z.string().default('IN_REVIEW') }),
  /** Sent elsewhere; nothing is carried out. */
  z.strictObject({
    kind: z.literal('REDIRECT'),
    on,
    times,
    status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).default(302),
    to: z.string().default('/elsewhere'),
  }),
  /** Carried out, and answered with an answer that is right but for its size. */
  z.strictObject({
    kind: z.literal('HUGE_ANSWER'),
    on,
    times,
    bytes: z
      .int()
      .min(1)
      .max(8 * 1024 * 1024)
      .default(65_537),
  }),
  /** GET still says what stood before the last act; counts only reads where that differs. */
  z.strictObject({ kind: z.literal('STALE_READ'), on, times }),
]);
const eventFaultSchema = z.discriminatedUnion('kind', [
  /** Never sent; what GET says is right. */
  z.strictObject({ kind: z.literal('LOSE_EVENT'), times }),
  /** Sent once more after it was acknowledged, under the same id. */
  z.strictObject({ kind: z.literal('DUPLICATE_EVENT'), times }),
  /** Held back until the next event has been sent. */
  z.strictObject({ kind: z.literal('REORDER_EVENT'), times }),
]);

export const oaFaultSchema = z.union([callFaultSchema, eventFaultSchema]);
export type CallFault = z.output<typeof callFaultSchema>;
export type EventFault = z.output<typeof eventFaultSchema>;
export type OaFault = z.input<typeof oaFaultSchema>;

export interface Faults {
  add(fault: OaFault): void;
  /** Takes one occasion of the first fault at the door of a call of this method. */
  takeAtDoor(method: Method): Exclude<CallFault, { kind: 'STALE_READ' }> | undefined;
  /** Whether one of these was due; takes one occasion of it. */
  take(kind: 'STALE_READ' | EventFault['kind']): boolean;
  list(): (CallFault | EventFault)[];
  clear(): void;
}

export function createFaults(): Faults {
  let faults: (CallFault | EventFault)[] = [];

  function use(fault: CallFault | EventFault): void {
    if (fault.times === undefined) return;
    fault.times -= 1;
    if (fault.times === 0) faults = faults.filter((each) => each !== fault);
  }

  return {
    add: (fault) => void faults.push(oaFaultSchema.parse(fault)),
    takeAtDoor(method) {
      for (const fault of faults) {
        switch (fault.kind) {
          case 'STALE_READ':
          case 'LOSE_EVENT':
          case 'DUPLICATE_EVENT':
          case 'REORDER_EVENT':
            continue;
        }
        if (fault.on !== undefined && fault.on !== method) continue;
        use(fault);
        return fault;
      }
      return undefined;
    },
    take(kind) {
      const found = faults.find((fault) => fault.kind === kind);
      if (found) use(found);
      return found !== undefined;
    },
    list: () => structuredClone(faults),
    clear() {
      faults = [];
    },
  };
}
