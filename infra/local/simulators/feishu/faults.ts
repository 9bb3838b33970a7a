import * as z from 'zod';
import { connectionFaults, createFaultList, times } from '../kit/faults.ts';
import { ENDPOINT_NAMES, type EndpointName } from './endpoint-names.ts';

/** The faults of the Feishu simulator (docs/feishu.md 14). */

const endpoint = z.enum(ENDPOINT_NAMES).optional();

export const callFaultSchema = z.discriminatedUnion('kind', [
  ...connectionFaults({ endpoint }),
  /** 429 with code 99991400 and both rate headers. */
  z.object({ kind: z.literal('RATE_LIMITED'), endpoint, times, resetSeconds: z.int().min(1).default(1) }),
  /** 400 with 99991663, whatever the token. */
  z.object({ kind: z.literal('TOKEN_INVALID'), endpoint, times }),
  /** 400 with 99991672. */
  z.object({ kind: z.literal('SCOPE_MISSING'), endpoint, times }),
  /** 429 with 99991403. */
  z.object({ kind: z.literal('QUOTA_USED_UP'), endpoint, times }),
  /** 400 with 99991662. */
  z.object({ kind: z.literal('APP_DISABLED'), endpoint, times }),
  /** 400 with 1390015; only for calls that use a definition. */
  z.object({ kind: z.literal('DEFINITION_DISABLED'), endpoint, times }),
  /** HTTP 200, or another status, with a code that is not 0. */
  z.object({
    kind: z.literal('ERROR_CODE'),
    endpoint,
    times,
    code: z.int().min(1).default(1395001),
    status: z.int().min(200).max(599).default(200),
  }),
  /** 502 with an HTML page. */
  z.object({ kind: z.literal('BAD_GATEWAY'), endpoint, times }),
  /** Never answers, but the call is carried out after `ms`: the platform committed late. */
  z.object({ kind: z.literal('COMMIT_LATE'), endpoint, times, ms: z.int().min(1) }),
  /** Expires all tokens early; the call then continues as usual. */
  z.object({ kind: z.literal('TOKEN_EXPIRED_EARLY'), endpoint, times }),
]);
export type CallFault = z.infer<typeof callFaultSchema>;

const which = {
  times,
  type: z.enum(['approval_instance', 'approval_task']).optional(),
  status: z.string().optional(),
};
export const eventFaultSchema = z.discriminatedUnion('kind', [
  /** Sent once more after it was acknowledged. */
  z.object({ kind: z.literal('DUPLICATE'), ...which }),
  /** The events of one act are sent in the opposite order. */
  z.object({ kind: z.literal('REORDER'), times }),
  /** Never sent; GET returns the right state. */
  z.object({ kind: z.literal('LOSE'), ...which }),
  /** JSON with white space; the signature covers exactly these bytes. */
  z.object({ kind: z.literal('WHITE_SPACE'), ...which }),
  /** A person's approve or reject seems to work, but changes nothing. */
  z.object({ kind: z.literal('LOSE_DECISION'), times }),
]);
export type EventFault = z.infer<typeof eventFaultSchema>;
export type Fault = CallFault | EventFault;

export interface Faults {
  add(fault: Fault): void;
  /** Uses one occasion of the first fault that matches and returns it, or undefined. */
  take<K extends Fault['kind']>(
    kinds: readonly K[],
    matches: (fault: Extract<Fault, { kind: K }>) => boolean,
  ): Extract<Fault, { kind: K }> | undefined;
  list(): Fault[];
  clear(which: 'calls' | 'events' | 'all'): void;
}

const EVENT_KINDS: readonly string[] = eventFaultSchema.options.map((option) => option.shape.kind.value);

export function createFaults(): Faults {
  const faults = createFaultList<Fault>();
  return {
    add: faults.add,
    take(kinds, matches) {
      type Wanted = Extract<Fault, { kind: (typeof kinds)[number] }>;
      const isKind = (fault: Fault): fault is Wanted => kinds.some((kind) => kind === fault.kind);
      return faults.take((fault): fault is Wanted => isKind(fault) && matches(fault));
    },
    list: faults.list,
    clear: (which) =>
      faults.clear(({ kind }) => which === 'all' || EVENT_KINDS.includes(kind) === (which === 'events')),
  };
}

const NEEDS_DEFINITION: readonly EndpointName[] = ['subscribe', 'unsubscribe', 'createInstance'];

/** Whether a fault applies to a call of `name`. A fault about tokens cannot apply to the call that gets one. */
export function appliesTo(fault: CallFault, name: EndpointName): boolean {
  if (fault.endpoint !== undefined) return fault.endpoint === name;
  switch (fault.kind) {
    case 'TOKEN_INVALID':
    case 'SCOPE_MISSING':
    case 'QUOTA_USED_UP':
    case 'TOKEN_EXPIRED_EARLY':
      return name !== 'token';
    case 'DEFINITION_DISABLED':
      return NEEDS_DEFINITION.includes(name);
    default:
      return true;
  }
}
