import type { Drill, DrillResult } from './drill.ts';
import { NOT_DRILLED } from './drills.ts';

export interface Drilled {
  drill: Drill;
  result: DrillResult;
}

/** Returns what went wrong in a drill; nothing if the alarm was OK, rang, and ended. */
export function problemsOf({ drill, result }: Drilled): string[] {
  const { wasOk, toAlarm, toOk } = result;
  return [
    ...(wasOk ? [] : [`${drill.alarm} was not OK before the fault`]),
    ...(toAlarm === undefined ? [`${drill.alarm} did not ring within ${drill.ringsWithin} minutes`] : []),
    ...(toOk === undefined ? [`${drill.alarm} did not end within ${drill.endsWithin} minutes`] : []),
  ];
}

/** The table of docs/testing.md, as Markdown. */
export function tableOf(drilled: readonly Drilled[]): string {
  return [
    '| alarm | fault | to ALARM | back to OK |',
    '|---|---|---|---|',
    ...drilled.map(
      ({ drill, result }) =>
        `| ${drill.alarm} | ${drill.fault}${drill.derived ? ` (metric of AWS: ${drill.derived})` : ''} | ${timeOf(result.toAlarm)} | ${timeOf(result.toOk)} |`,
    ),
    ...Object.entries(NOT_DRILLED).map(([alarm, reason]) => `| ${alarm} | not drilled: ${reason} | – | – |`),
  ].join('\n');
}

function timeOf(minutes: number | undefined): string {
  if (minutes === undefined) return 'never';
  return minutes < 180 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
