import { randomUUID } from 'node:crypto';
import type { ScheduledEvent } from 'aws-lambda';
import { REGION } from './config.ts';
import type { Pump } from './streams.ts';

const EVERY_MS = 60_000;

/** The schedule of the sweep: every minute, never twice at the same time. */
export function startSchedule(
  invoke: (event: ScheduledEvent) => Promise<unknown>,
  everyMs: number = EVERY_MS,
): Pump {
  let running: Promise<unknown> | undefined;
  const tick = () => {
    running ??= invoke(scheduledEvent(new Date()))
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(tick, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

function scheduledEvent(now: Date): ScheduledEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: `${now.toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources: [`arn:aws:events:${REGION}:000000000000:rule/sweep-approvals`],
    detail: {},
  };
}
