import { App, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import { ImpactAlarm } from '../../infra/aws/constructs/impact-alarm.ts';
import { METRICS } from '../../shared/runtime/metric-table.ts';
import { type DataPoint, evaluationRange, nextState } from '../drills/alarm-state.ts';
import { type ReadAlarm, readAlarms } from './read-alarms.ts';
import { FUNCTION_IDS, synthesise } from './synthesised-stack.ts';

const alarms = readAlarms(synthesise());
const named = (id: string): ReadAlarm => {
  const found = alarms.find((alarm) => alarm.id === id);
  if (!found) throw new Error(`no alarm ${id}`);
  return found;
};

const ofAllFunctions = (metric: string) =>
  FUNCTION_IDS.map((name) => `Sum of AWS/Lambda ${metric} {FunctionName: Functions${name}Function} in 300 s`);

const namesOf = (stackName: string) =>
  synthesise({ stackName })
    .ofType('AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties.AlarmName);

const ours = (metric: string, statistic: string, seconds = 300) =>
  `${statistic} of FrabitImApproval ${metric} {service: FrabitImApproval} in ${seconds} s`;
const refused = (kind: string) =>
  `Sum of FrabitImApproval WebhookRefused {kind: ${kind}, service: FrabitImApproval} in 3600 s`;
const iteratorAge = (name: string) =>
  `Maximum of AWS/Lambda IteratorAge {FunctionName: Functions${name}Function} in 300 s`;
const givenUp = (source: string) =>
  ['OnFailureDestinationDeliveredEventCount', 'DroppedEventCount'].map(
    (metric) => `Sum of AWS/Lambda ${metric} {EventSourceMappingUUID: ${source}} in 300 s`,
  );
const queue = (metric: string, name: string) =>
  `Maximum of AWS/SQS ${metric} {QueueName: ${name}.QueueName} in 300 s`;

interface Expected {
  metrics: string[];
  when: string;
  bad?: string;
  missing?: string;
  essential?: true;
}

const on = (metric: string, when: string, rest: Omit<Expected, 'metrics' | 'when'> = {}): Expected => ({
  metrics: [metric],
  when,
  ...rest,
});
const E = { essential: true } as const;
const IGNORE = { missing: 'ignore' } as const;

const EXPECTED: Record<string, Expected> = {
  FeishuRefusesSetup: on(ours('FeishuSetupRefused', 'Maximum'), '>= 1', { ...IGNORE, ...E }),
  FeishuOutOfReach: on(ours('FeishuUnreachable', 'Minimum'), '>= 1', { bad: '2 of 2', ...IGNORE, ...E }),
  EventsMissing: on(ours('DecisionFoundByLook', 'Sum', 86_400), '>= 2', E),
  WebhookRefused: {
    metrics: ['FEISHU_SIGNATURE', 'FEISHU_TOKEN_OR_APP', 'OA_FORGED'].map(refused),
    when: '>= 2',
    ...E,
  },
  ApprovalsFailed: on(ours('ApprovalFailed', 'Sum'), '>= 1', E),
  OldestUnsent: on(ours('OldestUnsent', 'Maximum'), '>= 600', { bad: '1 of 3', ...E }),
  DecisionsLate: on(ours('TimeToTransaction', 'Maximum'), '>= 120000', E),
  HintsFail: on(ours('HintFailed', 'Sum'), '>= 1', { bad: '2 of 3', ...E }),
  RecordsFail: on(ours('RecordFailed', 'Sum'), '>= 1', { bad: '2 of 3', ...E }),
  SetAside: { metrics: [ours('HintSetAside', 'Sum'), ours('RecordSetAside', 'Sum')], when: '>= 1' },
  RightMissing: on(ours('RightMissing', 'Sum'), '>= 1', E),
  WebhookUnavailable: on(ours('WebhookUnavailable', 'Sum'), '>= 1', { bad: '2 of 2' }),
  OaOutOfReach: on(ours('OaUnreachable', 'Maximum'), '>= 1', { bad: '3 of 3', ...IGNORE }),
  SweepFails: on(ours('SweepFailed', 'Sum'), '>= 1', { bad: '3 of 6' }),
  EventSourceDisabled: on(ours('EventSourceDisabled', 'Maximum'), '>= 1', { bad: '2 of 2', ...E }),
  DeadLetters: on(queue('ApproximateNumberOfMessagesVisible', 'WorkQueueDeadLetters'), '>= 1', E),
  OldHints: on(queue('ApproximateAgeOfOldestMessage', 'WorkQueueHints'), '>= 1800'),
  IssueStreamLate: on(iteratorAge('WatchIssues'), '>= 300000'),
  ApprovalStreamLate: on(iteratorAge('PublishApprovalEvents'), '>= 300000'),
  IssueStreamGaveUp: { metrics: givenUp('the source of FunctionsWatchIssuesFunction'), when: '>= 1' },
  ApprovalStreamGaveUp: {
    metrics: givenUp('the source of FunctionsPublishApprovalEventsFunction'),
    when: '>= 1',
  },
  SweepStandsStill: on(
    'Sum of AWS/Lambda Invocations {FunctionName: FunctionsSweepApprovalsFunction} in 300 s',
    '< 1',
    { bad: '3 of 3', missing: 'breaching', ...E },
  ),
  FunctionsCrash: { metrics: ofAllFunctions('Errors'), when: '>= 1', bad: '2 of 2', ...E },
  FunctionsThrottled: { metrics: ofAllFunctions('Throttles'), when: '>= 1', bad: '2 of 2' },
  FrontFails: on('Sum of AWS/ApiGateway 5xx {ApiId: HttpFrontApi} in 300 s', '>= 1', { bad: '2 of 2' }),
};
const ESSENTIAL = Object.keys(EXPECTED).filter((id) => EXPECTED[id]?.essential);

describe('alarms', () => {
  it('are exactly these', () => {
    expect(alarms.map(({ id }) => id).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(Object.entries(EXPECTED))(
    '%s is on when its metrics say so',
    (id, { metrics, when, bad = '1 of 1', missing = 'notBreaching' }) => {
      const alarm = named(id);
      expect(alarm.metrics.toSorted()).toEqual(metrics.toSorted());
      expect(alarm).toMatchObject({ when, bad, missing });
    },
  );

  it('count a metric without data as 0 if they add up several, or must not look further back', () => {
    for (const { id, metrics, expression } of alarms) {
      const isFilled = metrics.length > 1 || ['EventsMissing', 'SweepStandsStill'].includes(id);
      const sum = metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + ');
      expect(expression, id).toBe(isFilled ? sum : undefined);
    }
  });

  it('use metrics of our own that the functions emit', () => {
    const names = alarms.flatMap(({ metrics }) =>
      metrics.flatMap((metric) => / FrabitImApproval (\w+) /.exec(metric)?.[1] ?? []),
    );
    expect(names.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
    expect(names.length).toBeGreaterThan(15);
  });

  it('belong to one stack: two in an account do not share a metric of our own, nor a name', () => {
    const other = readAlarms(synthesise({ stackName: 'Other' }));
    const all = [...alarms, ...other].flatMap(({ metrics }) =>
      metrics.filter((metric) => / FrabitImApproval /.test(metric)),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(namesOf('Other')).toEqual(alarms.map(({ id }) => `Other-${id}`));
  });
});

describe('SweepFails', () => {
  // The walk of more than 100 issues begins every ten minutes: an issue that always fails is missing in between.
  it.each(['first', 'second'])('stays on while one issue fails in each %s period of two', (phase) => {
    const [datapointsToAlarm = 0, evaluationPeriods = 0] = named('SweepFails').bad.split(' of ').map(Number);
    const points = Array.from({ length: evaluationRange(evaluationPeriods) }, (_, index): DataPoint => {
      const isBad = index % 2 === (phase === 'first' ? 0 : 1);
      return isBad ? true : undefined;
    });
    const alarm = { evaluationPeriods, datapointsToAlarm, treatMissing: 'notBreaching' } as const;
    expect(nextState(points, alarm, 'OK')).toBe('ALARM');
  });
});

describe('the description of an alarm', () => {
  it('says what people notice, and where the runbook is', () => {
    for (const { id, description } of alarms) {
      expect(description).toMatch(/^[A-Z].{19,}\. Runbook: /);
      expect(description.split('. Runbook: ')[1]).toBe(`docs/operate.md#${id.toLowerCase()}`);
    }
  });

  it('leads to the runbook of the option runbookUrl', () => {
    const [first] = readAlarms(synthesise({ runbookUrl: 'https://wiki.example.com/frabit' }));
    expect(first?.description).toMatch(/ Runbook: https:\/\/wiki\.example\.com\/frabit#[a-z]+$/);
  });

  it('fits into what CloudWatch accepts with the longest address', () => {
    const long = `https://wiki.example.com/${'x'.repeat(475)}`;
    for (const { description } of readAlarms(synthesise({ runbookUrl: long })))
      expect(description.length).toBeLessThanOrEqual(1024);
  });

  it.each(['', 'broken', 'A half sentence without its end'])('cannot begin with "%s"', (impact) => {
    const metric = new Metric({ namespace: 'Test', metricName: 'Test' });
    const props = { impact, metric, threshold: 1, runbookUrl: 'runbook.md' };
    expect(() => new ImpactAlarm(new Stack(new App()), 'Careless', props)).toThrow(
      `The alarm Careless needs a whole sentence on its impact, not "${impact}".`,
    );
  });
});

describe('the option alarms', () => {
  it('essential: only the essential half', () => {
    const kept = readAlarms(synthesise({ alarms: 'essential' })).map(({ id }) => id);
    expect(kept.toSorted()).toEqual(ESSENTIAL.toSorted());
  });

  it('none: no alarm, but the dashboard', () => {
    const none = synthesise({ alarms: 'none' });
    expect(readAlarms(none)).toEqual([]);
    expect(none.only('AWS::CloudWatch::Dashboard').logicalId).toBe(
      synthesise().only('AWS::CloudWatch::Dashboard').logicalId,
    );
  });
});
