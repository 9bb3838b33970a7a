import { AsyncLocalStorage } from 'node:async_hooks';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** One thing that a handler does to the world: a DynamoDB command, a queue send, a call of Feishu or an OA. */
export interface Effect {
  what: string;
  /** Reads of our own tables change nothing; a crash there is a crash before the next write. */
  kind: 'READ' | 'WRITE';
}

/**
 * Which effects an interruption counts. A transaction is where what was read must still hold, a cancel at Feishu
 * where we must know afterwards that it was us.
 */
export type Counted = 'ALL' | 'WRITES' | 'TRANSACTIONS' | 'CANCELS';

/**
 * What happens at an effect. KILL: the container is gone, nothing after it is carried out. FAIL: the caller gets an
 * error as of a lost connection. TWICE: the SDK's own retry after a lost answer carries it out again. A function:
 * others are at work in that very moment.
 */
export interface Interruption {
  /** Counts from 1 over the effects since `arm`. */
  at: number;
  of: Counted;
  when: 'BEFORE' | 'AFTER';
  how: 'KILL' | 'FAIL' | 'TWICE' | (() => Promise<void>);
}

export type Ended<T> = { kind: 'DONE'; value: T } | { kind: 'FAILED'; error: unknown } | { kind: 'KILLED' };

export interface Effects {
  /** Carries an effect out, or interrupts it. Outside of a handler's run nothing is counted or interrupted. */
  around<T>(effect: Effect, carryOut: () => T | Promise<T>): Promise<T>;
  /** Runs a handler as a container would; the work of a killed one stands still for ever. */
  run<T>(work: () => Promise<T>): Promise<Ended<T>>;
  /** Starts to count anew; interruptions that were not reached are forgotten. */
  arm(...interruptions: Interruption[]): void;
  /** Told of each handler that is killed. */
  onKill(listener: (at: Effect) => void): void;
  /** Effects since `arm`. */
  counted(): { writes: number; all: number };
  /** The run of a handler that is at work at this point of the code, for what is known of it. */
  current(): Run | undefined;
}

/** One invocation of one handler. */
export interface Run {
  killed: boolean;
  kill: () => void;
  /** Issue records as this run read them last, by issue id. */
  read: Map<string, Record<string, AttributeValue>>;
  /** How many changes of the table there had been then, by issue id. */
  readAt: Map<string, number>;
  /** Instances that a GET of this run showed open. */
  seenOpen: Set<string>;
}

const never = <T>(): Promise<T> => new Promise(() => {});

export function createEffects(): Effects {
  const runs = new AsyncLocalStorage<Run>();
  const counts: Record<Counted, number> = { ALL: 0, WRITES: 0, TRANSACTIONS: 0, CANCELS: 0 };
  let armed: Interruption[] = [];
  const listeners: ((at: Effect) => void)[] = [];

  function take({ what, kind }: Effect): Interruption | undefined {
    const kinds: Counted[] = ['ALL'];
    if (kind === 'WRITE') kinds.push('WRITES');
    if (what === 'DynamoDB TransactWriteItems') kinds.push('TRANSACTIONS');
    if (what.endsWith('/instances/cancel') || what.startsWith('OA PATCH')) kinds.push('CANCELS');
    for (const one of kinds) counts[one] += 1;
    const hit = armed.find(({ of, at }) => kinds.includes(of) && at === counts[of]);
    armed = armed.filter((one) => one !== hit);
    return hit;
  }

  async function interrupt({ how }: Interruption, run: Run, effect: Effect): Promise<void> {
    if (typeof how === 'function') return runs.exit(how);
    if (how !== 'KILL') throw lostConnection();
    run.killed = true;
    run.kill();
    for (const listener of listeners) listener(effect);
    return never();
  }

  return {
    async around(effect, carryOut) {
      const run = runs.getStore();
      if (!run) return carryOut();
      if (run.killed) return never();
      const hit = take(effect);
      if (!hit) return carryOut();
      // Only the AWS SDK tries again by itself; to whoever calls Feishu or an OA the answer is lost.
      const twice = hit.how === 'TWICE' && !/^(Feishu|OA) /.test(effect.what);
      if (twice) await carryOut();
      if (twice) return carryOut();
      if (hit.when === 'BEFORE') await interrupt(hit, run, effect);
      try {
        return await carryOut();
      } finally {
        if (hit.when === 'AFTER') await interrupt(hit, run, effect);
      }
    },
    run(work) {
      const { promise: killed, resolve } = Promise.withResolvers<Ended<never>>();
      const run: Run = {
        killed: false,
        kill: () => resolve({ kind: 'KILLED' }),
        read: new Map(),
        readAt: new Map(),
        seenOpen: new Set(),
      };
      const ended = runs.run(run, work).then(
        (value) => ({ kind: 'DONE', value }) as const,
        (error: unknown) => ({ kind: 'FAILED', error }) as const,
      );
      return Promise.race([ended, killed]);
    },
    arm(...interruptions) {
      Object.assign(counts, { ALL: 0, WRITES: 0, TRANSACTIONS: 0, CANCELS: 0 });
      armed = interruptions;
    },
    onKill: (listener) => void listeners.push(listener),
    counted: () => ({ writes: counts.WRITES, all: counts.ALL }),
    current: () => runs.getStore(),
  };
}

const lostConnection = (): Error => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
