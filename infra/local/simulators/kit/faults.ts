import * as z from 'zod';

/** Switches to misbehave: each is in force for the next `times` occasions, or until it is cleared. */

export const times = z.int().min(1).optional();

/** The faults that a connection to any system can have. `where` selects the calls that a fault concerns. */
export const connectionFaults = <Where extends z.ZodRawShape>(where: Where) =>
  [
    /** Never answers; the caller has to give up. Nothing is carried out. */
    z.strictObject({ kind: z.literal('HANG'), times, ...where }),
    /** Answers after `ms`. */
    z.strictObject({ kind: z.literal('SLOW'), times, ms: z.int().min(1), ...where }),
    /** The connection is reset and nothing is carried out. */
    z.strictObject({ kind: z.literal('RESET_BEFORE'), times, ...where }),
    /** The call is carried out, then the connection is reset: the answer is lost. */
    z.strictObject({ kind: z.literal('RESET_AFTER'), times, ...where }),
    /** GET still returns the state before the last act. Counts only reads where the two differ. */
    z.strictObject({ kind: z.literal('STALE_READ'), times, ...where }),
  ] as const;

/** What a simulated system does with a call. */
export type SimulatedOutcome<Answer extends SimulatedAnswer = SimulatedAnswer> =
  | Answer
  | { kind: 'HANG' }
  | { kind: 'RESET' };

export interface SimulatedAnswer {
  kind: 'ANSWER';
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Milliseconds until the answer is sent; default: none. */
  afterMs?: number;
}

type ConnectionFault =
  | { kind: 'HANG' }
  | { kind: 'SLOW'; ms: number }
  | { kind: 'RESET_BEFORE' }
  | { kind: 'RESET_AFTER' };

export function withConnectionFault<Answer extends SimulatedAnswer>(
  fault: ConnectionFault,
  carryOut: () => SimulatedOutcome<Answer>,
): SimulatedOutcome<Answer> {
  switch (fault.kind) {
    case 'HANG':
      return { kind: 'HANG' };
    case 'RESET_BEFORE':
      return { kind: 'RESET' };
    case 'RESET_AFTER':
      carryOut();
      return { kind: 'RESET' };
    case 'SLOW': {
      const outcome = carryOut();
      return outcome.kind === 'ANSWER' ? { ...outcome, afterMs: fault.ms } : outcome;
    }
    default:
      return fault satisfies never;
  }
}

interface FaultList<Fault> {
  add(fault: Fault): void;
  /** Uses one occasion of the first fault that matches, and returns it. */
  take<Found extends Fault>(matches: (fault: Fault) => fault is Found): Found | undefined;
  list(): Fault[];
  /** Removes the faults that match; default: all. */
  clear(matches?: (fault: Fault) => boolean): void;
}

export function createFaultList<Fault extends { times?: number | undefined }>(): FaultList<Fault> {
  let faults: Fault[] = [];
  return {
    add: (fault) => void faults.push({ ...fault }),
    take(matches) {
      const found = faults.find(matches);
      if (found?.times !== undefined) {
        found.times -= 1;
        if (found.times === 0) faults = faults.filter((fault) => fault !== found);
      }
      return found;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear(matches = () => true) {
      faults = faults.filter((fault) => !matches(fault));
    },
  };
}
