import * as z from 'zod';
import { connectionFaults, createFaultList, times } from '../kit/faults.ts';

/** The faults of the OA simulator. */

export const METHODS = ['POST', 'GET', 'PATCH'] as const;
export type Method = (typeof METHODS)[number];

/** Limits a fault to calls of this method. */
const on = z.enum(METHODS).optional();

const callFaultSchema = z.discriminatedUnion('kind', [
  ...connectionFaults({ on }),
  /** Any status, as a gateway in between might return it; `carriedOut`: the call is carried out first. */
  z.strictObject({
    kind: z.literal('STATUS'),
    on,
    times,
    status: z.int().min(200).max(599),
    carriedOut: z.boolean().default(false),
    retryAfterSeconds: z.int().min(0).optional(),
  }),
  /** Carried out, then answered with a body that is not JSON, or not of the schema. */
  z.strictObject({
    kind: z.literal('BAD_BODY'),
    on,
    times,
    as: z.enum(['NOT_JSON', 'OTHER_SHAPE']).default('NOT_JSON'),
  }),
  /** Carried out, then answered with a status that is not in the list. */
  z.strictObject({ kind: z.literal('UNKNOWN_STATUS'), on, times, as: z.string().default('IN_REVIEW') }),
  /** Redirected; nothing is carried out. */
  z.strictObject({
    kind: z.literal('REDIRECT'),
    on,
    times,
    status: z.union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)]).default(302),
    to: z.string().default('/elsewhere'),
  }),
  /** Carried out, then answered correctly but with too many bytes. */
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
]);
const eventFaultSchema = z.discriminatedUnion('kind', [
  /** Never sent; GET returns the right state. */
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

type AnyFault = CallFault | EventFault;
type FaultBeforeCall = Exclude<CallFault, { kind: 'STALE_READ' }>;

export interface Faults {
  add(fault: OaFault): void;
  /** Uses one occasion of the first fault that a call of this method meets before it is carried out. */
  takeBeforeCall(method: Method): FaultBeforeCall | undefined;
  /** Returns whether there was such a fault, and uses one occasion of it. */
  take(kind: 'STALE_READ' | EventFault['kind']): boolean;
  list(): AnyFault[];
  clear(): void;
}

export function createFaults(): Faults {
  const faults = createFaultList<AnyFault>();
  return {
    add: (fault) => faults.add(oaFaultSchema.parse(fault)),
    takeBeforeCall: (method) =>
      faults.take(
        (fault): fault is FaultBeforeCall =>
          isBeforeCall(fault) && (fault.on === undefined || fault.on === method),
      ),
    take: (kind) => faults.take((fault): fault is AnyFault => fault.kind === kind) !== undefined,
    list: faults.list,
    clear: () => faults.clear(),
  };
}

function isBeforeCall(fault: AnyFault): fault is FaultBeforeCall {
  switch (fault.kind) {
    case 'STALE_READ':
    case 'LOSE_EVENT':
    case 'DUPLICATE_EVENT':
    case 'REORDER_EVENT':
      return false;
    default:
      return true;
  }
}
