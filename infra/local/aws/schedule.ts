import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ScheduledEvent } from 'aws-lambda';
import { REGION } from '../names.ts';
import type { Pump } from './stream-pump.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** How long a stop waits for a run to end. */
const STOP_MS = 1_000;

/** Invokes a function at an interval, as a rule of EventBridge does, but never twice at the same time. */
export function startSchedule(
  rule: string,
  everyMs: number,
  invoke: (event: ScheduledEvent) => Promise<unknown>,
): Pump {
  let running: Promise<unknown> | undefined;
  const tick = () => {
    running ??= invoke(scheduledEvent(rule, new Date()))
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(tick, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      // A sweep may run for a minute while rounds wait. It ends by itself when its tables are gone.
      await Promise.race([running, pause(STOP_MS, undefined, { ref: false })]);
    },
  };
}

export function scheduledEvent(rule: string, now: Date): ScheduledEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: `${now.toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources: [`arn:aws:events:${REGION}:000000000000:rule/${rule}`],
    detail: {},
  };
}
