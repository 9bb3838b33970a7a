import { callWaiting } from '../../shared/approval/call-up.ts';
import type { Core } from './core.ts';
import { deliver } from './sweep-over-time.ts';

/**
 * Runs the part of a sweep that calls up waiting rounds, for one minute. Handles its hints at once. Returns how many
 * rounds were called up.
 */
export async function callUp(core: Core, onTick: () => void = () => undefined): Promise<number> {
  const { documents, tables, work, clock, queued } = core;
  queued.length = 0;
  return callWaiting({
    documents,
    tables,
    pacer: work.pacer,
    queue: work.queue,
    now: clock.date,
    async sleep(ms) {
      for (const { hint } of queued.splice(0)) await deliver(core, hint);
      onTick();
      await clock.advance(ms);
    },
  });
}
