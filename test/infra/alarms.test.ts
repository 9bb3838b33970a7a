import { Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import { ImpactAlarm } from '../../infra/aws/constructs/impact-alarm.ts';
import { synthesise } from './synthesised-stack.ts';

const alarms = synthesise().ofType('AWS::CloudWatch::Alarm');
const named = (name: string) => {
  const found = alarms.find((alarm) => alarm.logicalId.startsWith(`Alarms${name}Alarm`));
  if (!found) throw new Error(`no alarm ${name}`);
  return found.Properties;
};

describe('alarms', () => {
  it('say what people notice', () => {
    for (const alarm of alarms) expect(alarm.Properties.AlarmDescription).toMatch(/^[A-Z].{19,}\.$/);
  });

  it.each(['', 'broken', 'A half sentence without its end'])(
    'cannot be made with the impact "%s"',
    (impact) => {
      const metric = new Metric({ namespace: 'Test', metricName: 'Test' });
      expect(() => new ImpactAlarm(new Stack(), 'Careless', { impact, metric, threshold: 1 })).toThrow(
        `The alarm Careless needs a whole sentence on its impact, not "${impact}".`,
      );
    },
  );

  it('start when there is a dead letter', () => {
    expect(named('DeadLetters')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
    expect(JSON.stringify(named('DeadLetters').Dimensions)).toContain('WorkQueueDeadLetters');
  });

  it('start when hints are old', () => {
    expect(named('OldHints')).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 1800,
    });
  });

  it.each([
    ['IssueStreamLate', 'FunctionsWatchIssuesFunction'],
    ['ApprovalStreamLate', 'FunctionsPublishApprovalEventsFunction'],
  ])('%s stands when the iterator is five minutes behind', (name, target) => {
    expect(named(name)).toMatchObject({
      MetricName: 'IteratorAge',
      Threshold: 300_000,
      Statistic: 'Maximum',
    });
    expect(JSON.stringify(named(name).Dimensions)).toContain(target);
  });

  it.each([
    ['IssueStreamGaveUp', 'FunctionsWatchIssuesFunction'],
    ['ApprovalStreamGaveUp', 'FunctionsPublishApprovalEventsFunction'],
  ])('%s stands when a record was given up, kept or not', (name, source) => {
    const metrics = JSON.stringify(named(name).Metrics);
    expect(metrics).toContain('"OnFailureDestinationDeliveredEventCount"');
    expect(metrics).toContain('"DroppedEventCount"');
    expect(metrics).toContain(source);
  });

  it.each([
    'WatchIssues',
    'ReconcileIssues',
    'SweepApprovals',
    'ReceiveFeishuEvents',
    'ReceiveExternalEvents',
    'ManageSettings',
    'PublishApprovalEvents',
  ])('stand when %s fails', (name) => {
    expect(named(`${name}Fails`)).toMatchObject({ MetricName: 'Errors', Statistic: 'Sum', Threshold: 1 });
    expect(JSON.stringify(named(`${name}Fails`).Dimensions)).toContain(`Functions${name}Function`);
  });

  it('start when the sweep does not run', () => {
    expect(named('SweepStandsStill')).toMatchObject({
      MetricName: 'Invocations',
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });
});
