import type { Alarm } from './cloudwatch.ts';
import type { DrillStack } from './drill-stack.ts';
import { type MetricsStore, MINUTE_MS } from './metrics-store.ts';
import { templateAlarms } from './template-alarms.ts';

/** A drill: brings the stack into the fault that an alarm is for, and ends the fault. */
export interface Drill {
  /** The id of the alarm. */
  alarm: string;
  /** For the table: what is broken. */
  fault: string;
  /** For the table: how a metric that AWS makes was derived. */
  derived?: string;
  /** While everything still works. */
  prepare?: (stack: DrillStack) => Promise<void>;
  begin: (stack: DrillStack) => Promise<void> | void;
  /** At each minute of the fault. `minute`: since it began. */
  during?: (stack: DrillStack, minute: number) => Promise<void>;
  end: (stack: DrillStack) => Promise<void> | void;
  /** The alarm must ring within this time after the fault began, in minutes. */
  ringsWithin: number;
  /** The alarm must end within this time after the fault ended, in minutes. */
  endsWithin: number;
  /** How many minutes pass at once while the alarm's end is awaited; default: 1. */
  recoveryStep?: number;
}

export interface DrillResult {
  /** Whether the alarm was OK before the fault. */
  wasOk: boolean;
  /** Minutes from the beginning of the fault to ALARM; undefined if it did not ring in time. */
  toAlarm: number | undefined;
  /** Minutes from the end of the fault to OK; undefined if it did not end in time. */
  toOk: number | undefined;
  /** Which other alarms rang. */
  alsoRang: string[];
}

/** Long enough that each alarm has data in its periods. */
const HEALTHY_MINUTES = 12;

/** Plays a drill on a stack that is made afresh. */
export async function runDrill(drill: Drill, stack: DrillStack): Promise<DrillResult> {
  await stack.startAfresh();
  const alarms = templateAlarms();
  const alarm = alarms.find(({ id }) => id === drill.alarm);
  if (!alarm) throw new Error(`The template has no alarm ${drill.alarm}.`);
  await drill.prepare?.(stack);
  for (let minute = 0; minute < HEALTHY_MINUTES; minute++) {
    await stack.pass();
    evaluateAll(alarms, stack.store, stack.now());
  }
  const wasOk = alarm.state() === 'OK';

  const rang = new Set<string>();
  const began = stack.now();
  await drill.begin(stack);
  const minutesSince = (at: number) => (stack.now() - at) / MINUTE_MS;
  while (alarm.state() !== 'ALARM' && minutesSince(began) < drill.ringsWithin) {
    await drill.during?.(stack, minutesSince(began));
    await stack.pass();
    for (const id of evaluateAll(alarms, stack.store, stack.now())) rang.add(id);
  }
  const toAlarm = alarm.state() === 'ALARM' ? minutesSince(began) : undefined;

  const ended = stack.now();
  await drill.end(stack);
  while (alarm.state() !== 'OK' && minutesSince(ended) < drill.endsWithin) {
    await stack.pass(drill.recoveryStep);
    alarm.evaluate(stack.store, stack.now());
  }
  const toOk = alarm.state() === 'OK' ? minutesSince(ended) : undefined;
  return { wasOk, toAlarm, toOk, alsoRang: [...rang].filter((id) => id !== drill.alarm) };
}

/** Evaluates all alarms at a full minute. Returns the ids of those that are on. */
export function evaluateAll(alarms: readonly Alarm[], store: MetricsStore, at: number): string[] {
  const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  return alarms.filter((alarm) => alarm.evaluate(store, minute) === 'ALARM').map(({ id }) => id);
}
