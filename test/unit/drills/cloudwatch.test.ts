import { describe, expect, it } from 'vitest';
import { readAlarm } from '../../drills/cloudwatch.ts';
import { createMetricsStore, MINUTE_MS } from '../../drills/metrics-store.ts';

const START = Date.parse('2026-03-01T08:00:00.000Z');
const metric = { namespace: 'FrabitImApproval', name: 'HintFailed', dimensions: { service: 'a-stack' } };

const properties = {
  AlarmDescription: 'Somebody notices something.',
  Namespace: 'FrabitImApproval',
  MetricName: 'HintFailed',
  Dimensions: [{ Name: 'service', Value: { Ref: 'AWS::StackName' } }],
  Statistic: 'Sum',
  Period: 300,
  EvaluationPeriods: 2,
  Threshold: 2,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
};
const anAlarm = (changes: object = {}) =>
  readAlarm(
    { logicalId: 'AlarmsHintsFailAlarm0A1B2C3D', Properties: { ...properties, ...changes } },
    'a-stack',
  );

describe('an alarm', () => {
  it('is named as in the product and reads the metrics of its own stack', () => {
    expect(anAlarm()).toMatchObject({ id: 'HintsFail', periodMs: 300_000, metrics: [metric] });
  });

  it('starts after its periods with a breach, and ends when the last breach is out of its range', () => {
    const alarm = anAlarm();
    const store = createMetricsStore();
    for (let minute = 10; minute < 20; minute++) store.put(metric, 1, START + minute * MINUTE_MS);
    const states = Array.from({ length: 50 }, (_, minute) =>
      alarm.evaluate(store, START + minute * MINUTE_MS),
    );
    expect(states.indexOf('ALARM')).toBe(17);
    // The windows slide: two breaching windows are still the most recent real ones until minute 33.
    expect(states.lastIndexOf('ALARM')).toBe(33);
    expect([states[0], states.at(-1)]).toEqual(['OK', 'OK']);
  });

  it('rings for a heartbeat that stops when no data point is left in its range', () => {
    const alarm = anAlarm({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
    const store = createMetricsStore();
    for (let minute = 0; minute < 30; minute++) store.put(metric, 1, START + minute * MINUTE_MS);
    const states = Array.from({ length: 60 }, (_, minute) =>
      alarm.evaluate(store, START + (minute + 1) * MINUTE_MS),
    );
    expect(states.indexOf('ALARM')).toBe(54);
  });

  it('evaluates math on the metrics of the template', () => {
    const stat = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: {
        Metric: { Namespace: 'FrabitImApproval', MetricName, Dimensions: properties.Dimensions },
        Period: 300,
        Stat: 'Sum',
      },
    });
    const { Namespace: _n, MetricName: _m, Dimensions: _d, Statistic: _s, Period: _p, ...rest } = properties;
    const alarm = readAlarm(
      {
        logicalId: 'AlarmsSetAsideAlarm0A1B2C3D',
        Properties: {
          ...rest,
          EvaluationPeriods: 1,
          Metrics: [
            { Id: 'expr_1', Expression: 'FILL(a, 0) + FILL(b, 0)', Label: 'Both' },
            stat('a', 'HintFailed'),
            stat('b', 'RecordFailed'),
          ],
        },
      },
      'a-stack',
    );
    const store = createMetricsStore();
    store.put(metric, 1, START);
    expect(alarm.evaluate(store, START + MINUTE_MS)).toBe('OK');
    store.put({ ...metric, name: 'RecordFailed' }, 1, START);
    expect(alarm.evaluate(store, START + MINUTE_MS)).toBe('ALARM');
  });

  it.each([
    { EvaluationWindow: { WallClockWindow: {} } },
    { ExtendedStatistic: 'p99' },
    { ComparisonOperator: 'LessThanLowerThreshold' },
    { TreatMissingData: 'guess' },
    { Statistic: undefined },
    { Period: 86_400 },
  ])('is refused if it has what the evaluator does not know: %o', (changes) => {
    expect(() => anAlarm(changes)).toThrow();
  });
});
