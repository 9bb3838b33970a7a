/**
 * How CloudWatch gets from data points to the state of an alarm. Rules and examples: CloudWatch User Guide,
 * "Configuring how CloudWatch alarms treat missing data", "How alarm state is evaluated when data is missing".
 */

export const MISSING_TREATMENTS = ['breaching', 'notBreaching', 'ignore', 'missing'] as const;
export type MissingTreatment = (typeof MISSING_TREATMENTS)[number];
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** Whether a data point breaches the threshold; undefined: it is missing. */
export type DataPoint = boolean | undefined;

/** M out of N: `datapointsToAlarm` of `evaluationPeriods`. */
export interface Counted {
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissing: MissingTreatment;
}

/**
 * How many data points CloudWatch retrieves: "a higher number of data points than the number specified as Evaluation
 * Periods. The exact number depends on the length of the alarm period and on the resolution of the metric". The guide's
 * examples have 5 for 3 periods; AWS publishes no others, so every alarm gets two more than its periods here.
 */
export const evaluationRange = (evaluationPeriods: number): number => evaluationPeriods + 2;

/**
 * Returns the next state of an alarm.
 * - As many real data points as Evaluation Periods or more: the most recent real ones decide, also from farther back in
 *   the evaluation range. How missing data is treated does not matter.
 * - Fewer: all real ones count, and only as many missing ones as are needed are filled, as the alarm treats them.
 * @param points the evaluation range, the oldest first
 */
export function nextState(points: readonly DataPoint[], alarm: Counted, present: AlarmState): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, treatMissing } = alarm;
  const real = points.filter((point) => point !== undefined);
  const decisive = real.slice(-evaluationPeriods);
  const breaching = decisive.filter(Boolean).length;
  if (breaching >= datapointsToAlarm) return 'ALARM';
  const filled = evaluationPeriods - decisive.length;
  if (filled === 0) return 'OK';
  switch (treatMissing) {
    case 'breaching':
      return breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK';
    case 'notBreaching':
      return 'OK';
    case 'ignore':
      return breaching < decisive.length ? 'OK' : present;
    case 'missing':
      if (decisive.length === 0) return 'INSUFFICIENT_DATA';
      return breaching < decisive.length ? 'OK' : withoutHaste(points, datapointsToAlarm, present);
    default:
      return treatMissing satisfies never;
  }
}

/**
 * All real data points breach, but they are too few. "CloudWatch alarms are designed to always go into ALARM state when
 * the oldest available breaching datapoint is at least as old as the value of Datapoints to Alarm, and all other more
 * recent data points are breaching or missing" ("Avoiding premature transitions to alarm state"). Otherwise the state
 * remains.
 */
function withoutHaste(
  points: readonly DataPoint[],
  datapointsToAlarm: number,
  present: AlarmState,
): AlarmState {
  const age = points.length - points.indexOf(true);
  return age >= datapointsToAlarm ? 'ALARM' : present;
}
