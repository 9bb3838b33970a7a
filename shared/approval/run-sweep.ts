import type { Logger } from '../runtime/logger.ts';
import type { Counter } from '../runtime/metrics.ts';
import { reportFailure } from '../runtime/observed.ts';
import { type CallingUp, callWaiting } from './call-up.ts';
import type { UnsentWatch } from './oldest-unsent.ts';
import { sweep } from './sweep.ts';

/** What a run of the sweep needs from outside. */
export interface SweepRun extends CallingUp {
  logger: Pick<Logger, 'info' | 'error'>;
  counter: Counter;
  unsent: UnsentWatch;
  /** Resolves to how many event sources of the functions are switched off. */
  countDisabledSources: () => Promise<number>;
}

/**
 * Does a run of the sweep: sends hints for what is due, walks the Issues table for 20 seconds, and calls up the rounds
 * that wait for a slot. It also measures what nobody else sees: the oldest unsent request, and event sources that are
 * switched off. Rejects only if the sweep failed as a whole: failures of single issues and rounds are reported one by
 * one.
 */
export async function runSweep(run: SweepRun): Promise<void> {
  const { logger } = run;
  // All at the same time: a long or failed walk must not delay the rounds that wait for a slot.
  const [swept, waiting] = await Promise.allSettled([
    sweep(run),
    callWaiting(run),
    measure('EventSourceDisabled', run.countDisabledSources, run),
  ]);
  await measure('OldestUnsent', () => run.unsent.readOldest(run.now()), run);
  if (waiting.status === 'fulfilled' && waiting.value > 0)
    logger.info('called up waiting rounds', { called: waiting.value });
  if (swept.status === 'fulfilled' && swept.value.due + swept.value.hinted > 0)
    logger.info('sent hints for due rounds', swept.value);
  for (const one of [swept, waiting])
    if (one.status === 'rejected' && !(one.reason instanceof AggregateError)) throw one.reason;
}

/** Counts a measured value. Never rejects: a measurement must not stop the sweep. */
async function measure(
  name: 'EventSourceDisabled' | 'OldestUnsent',
  read: () => Promise<number>,
  { logger, counter }: SweepRun,
): Promise<void> {
  try {
    counter.count(name, await read());
  } catch (error) {
    reportFailure('measuring failed', error, { logger, counter }, { metric: name });
  }
}
