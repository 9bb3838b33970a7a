import { AsyncLocalStorage } from 'node:async_hooks';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** One call of a handler to the outside: a DynamoDB command, a queue send, or a call to Feishu or an OA. */
export interface Call {
  /** Such as `DynamoDB PutItem`, or `OA PATCH /approvals/1`. */
  name: string;
  /** A READ reads our own tables and changes nothing: a crash there equals a crash before the next write. */
  kind: 'READ' | 'WRITE';
}

/**
 * Which calls an interruption counts. A transaction (TRANSACTIONS) must fail if what was read has changed. After a
 * call that cancels (CANCELS), the product must still know that it withdrew the card itself.
 */
export type CallKind = 'ALL' | 'WRITES' | 'TRANSACTIONS' | 'CANCELS';

/**
 * What happens at a call. KILL: the container dies, and nothing after the call is carried out. FAIL: the caller gets
 * a connection error. TWICE: the SDK retries after a lost answer, so the call is carried out again. A function: others
 * act at this moment.
 */
export interface Interruption {
  /** Counts the calls since `schedule`, from 1. */
  at: number;
  of: CallKind;
  when: 'BEFORE' | 'AFTER';
  how: 'KILL' | 'FAIL' | 'TWICE' | (() => Promise<void>);
}

export type HandlerResult<T> =
  | { kind: 'DONE'; value: T }
  | { kind: 'FAILED'; error: unknown }
  | { kind: 'KILLED' };

/** Counts the calls of handlers, and interrupts them at the scheduled ones. */
export interface CallInterceptor {
  /** Carries a call out, or interrupts it. Calls outside `runHandler` are neither counted nor interrupted. */
  intercept<T>(call: Call, carryOut: () => T | Promise<T>): Promise<T>;
  /** Runs a handler as a container does. A killed handler never continues. */
  runHandler<T>(work: () => Promise<T>): Promise<HandlerResult<T>>;
  /** Sets the counts to zero and replaces the interruptions that are still scheduled. */
  schedule(...interruptions: Interruption[]): void;
  /** Calls `listener` with the call at which a handler is killed. */
  onKill(listener: (at: Call) => void): void;
  /** The calls since `schedule`. */
  counts(): { writes: number; all: number };
  /** The handler run that makes the present call; undefined outside `runHandler`. */
  currentRun(): Run | undefined;
}

/** One invocation of one handler. */
export interface Run {
  killed: boolean;
  kill: () => void;
  /** The last state of each issue record that this run read, by issue id. */
  read: Map<string, Record<string, AttributeValue>>;
  /** The number of changes of the Issues table before that read, by issue id. */
  changesAtRead: Map<string, number>;
  /** Instances that a GET of this run showed as open. */
  seenOpen: Set<string>;
}

const never = <T>(): Promise<T> => new Promise(() => {});

export function createCallInterceptor(): CallInterceptor {
  const runs = new AsyncLocalStorage<Run>();
  const counts: Record<CallKind, number> = { ALL: 0, WRITES: 0, TRANSACTIONS: 0, CANCELS: 0 };
  let scheduled: Interruption[] = [];
  const listeners: ((at: Call) => void)[] = [];

  function count({ name, kind }: Call): Interruption | undefined {
    const kinds: CallKind[] = ['ALL'];
    if (kind === 'WRITE') kinds.push('WRITES');
    if (name === 'DynamoDB TransactWriteItems') kinds.push('TRANSACTIONS');
    if (name.endsWith('/instances/cancel') || name.startsWith('OA PATCH')) kinds.push('CANCELS');
    for (const one of kinds) counts[one] += 1;
    const hit = scheduled.find(({ of, at }) => kinds.includes(of) && at === counts[of]);
    scheduled = scheduled.filter((one) => one !== hit);
    return hit;
  }

  async function interrupt({ how }: Interruption, run: Run, call: Call): Promise<void> {
    if (typeof how === 'function') return runs.exit(how);
    if (how !== 'KILL') throw lostConnection();
    run.killed = true;
    run.kill();
    for (const listener of listeners) listener(call);
    return never();
  }

  return {
    async intercept(call, carryOut) {
      const run = runs.getStore();
      if (!run) return carryOut();
      if (run.killed) return never();
      const hit = count(call);
      if (!hit) return carryOut();
      // Only the AWS SDK retries by itself. A call to Feishu or an OA just loses its answer.
      const twice = hit.how === 'TWICE' && !/^(Feishu|OA) /.test(call.name);
      if (twice) await carryOut();
      if (twice) return carryOut();
      if (hit.when === 'BEFORE') await interrupt(hit, run, call);
      try {
        return await carryOut();
      } finally {
        if (hit.when === 'AFTER') await interrupt(hit, run, call);
      }
    },
    runHandler(work) {
      const { promise: killed, resolve } = Promise.withResolvers<HandlerResult<never>>();
      const run: Run = {
        killed: false,
        kill: () => resolve({ kind: 'KILLED' }),
        read: new Map(),
        changesAtRead: new Map(),
        seenOpen: new Set(),
      };
      const ended = runs.run(run, work).then(
        (value) => ({ kind: 'DONE', value }) as const,
        (error: unknown) => ({ kind: 'FAILED', error }) as const,
      );
      return Promise.race([ended, killed]);
    },
    schedule(...interruptions) {
      Object.assign(counts, { ALL: 0, WRITES: 0, TRANSACTIONS: 0, CANCELS: 0 });
      scheduled = interruptions;
    },
    onKill: (listener) => void listeners.push(listener),
    counts: () => ({ writes: counts.WRITES, all: counts.ALL }),
    currentRun: () => runs.getStore(),
  };
}

const lostConnection = (): Error => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
