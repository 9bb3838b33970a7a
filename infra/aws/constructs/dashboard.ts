import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { STAGES, type Stage } from './alarm-definition.ts';
import type { Functions } from './functions.ts';
import type { HttpFront } from './http-front.ts';
import { highest, type Measures, sum } from './measures.ts';
import type { WorkQueue } from './work-queue.ts';

export interface PlacedAlarm {
  stage: Stage;
  alarm: Alarm;
}

interface DashboardProps {
  functions: Functions;
  workQueue: WorkQueue;
  httpFront: HttpFront;
  measures: Measures;
  placed: readonly PlacedAlarm[];
  runbookUrl: string;
}

interface Column {
  title: string;
  graph: string;
  /** Sums and highest values over the time range that is shown. */
  values: IMetric[];
  left: IMetric[];
  right?: IMetric[];
}

type OnTheWay = Exclude<Stage, 'WHOLE'>;

/** The columns of a dashboard. */
const FULL = 24;
const WIDTH = 4;
const HEIGHT = { text: 4, alarms: 4, values: 5, graphs: 6 };

/**
 * Shows whether approvals go their way, and if not, where they stop: one column for each stage of the way, with its
 * alarms, its numbers and a graph. Below are failures, calls, webhook and sweep. It has at most 50 metrics, so that it
 * can be one of the three free dashboards of an account.
 */
export function makeDashboard(scope: Construct, id: string, props: DashboardProps): Dashboard {
  const columns = columnsOf(props);
  const inOrder = STAGES.filter((stage) => stage !== 'WHOLE').map(
    (stage) => [stage, columns[stage]] as const,
  );
  return new Dashboard(scope, id, {
    defaultInterval: Duration.hours(6),
    widgets: [
      [orientation(props.runbookUrl)],
      inOrder.map(([stage, { title }]) => alarmsOf(title, WIDTH, stage, props)),
      [alarmsOf('The whole way', FULL, 'WHOLE', props)],
      inOrder.map(
        ([, { title, values }]) =>
          new SingleValueWidget({
            title,
            width: WIDTH,
            height: HEIGHT.values,
            metrics: values,
            setPeriodToTimeRange: true,
          }),
      ),
      inOrder.map(
        ([, { graph, left, right = [] }]) =>
          new GraphWidget({ title: graph, width: WIDTH, height: HEIGHT.graphs, left, right }),
      ),
      lowerRow(props),
    ],
  });
}

const orientation = (runbookUrl: string): TextWidget =>
  new TextWidget({
    width: FULL,
    height: HEIGHT.text,
    markdown: [
      '# Frabit IM approvals: is it working, and if not, where does it stop?',
      'Read from left to right, as an approval goes: **1** an issue record changes · **2** a hint waits for the worker · **3** the card is sent · **4** the decision arrives · **5** the transaction changes the tasks · **6** an event tells other systems.',
      'The first column with an alarm, or with numbers that stay behind those of the column before it, is where it stops. Numbers are for the time range that is shown.',
      `What to do for each alarm: \`${runbookUrl}\`. What happened to one issue: the saved query *Story of an issue*, or \`npx frabit-im logs ISSUE\`.`,
    ].join('\n\n'),
  });

function alarmsOf(title: string, width: number, stage: Stage, { placed }: DashboardProps): IWidget {
  const alarms = placed.filter((one) => one.stage === stage).map(({ alarm }) => alarm);
  // CloudWatch refuses a widget without alarms.
  return alarms.length === 0
    ? new TextWidget({
        width,
        height: HEIGHT.alarms,
        markdown: `**${title}**\n\nNo alarm: see the option \`alarms\`.`,
      })
    : new AlarmStatusWidget({ title, width, height: HEIGHT.alarms, alarms });
}

function columnsOf({ functions, workQueue, measures }: DashboardProps): Record<OnTheWay, Column> {
  const { queue, deadLetters } = workQueue;
  return {
    CHANGE: {
      title: '1 Change',
      graph: 'Changes, and delay',
      values: [
        measures.of('HintSent', 'Sum').with({ label: 'Changes that matter' }),
        measures.of('InvalidRecord', 'Sum').with({ label: 'Invalid records' }),
      ],
      left: [measures.of('HintSent', 'Sum')],
      right: [
        highest(functions.watchIssues.lambda.metric('IteratorAge')).with({ label: 'Behind the stream, ms' }),
      ],
    },
    HINT: {
      title: '2 Hint',
      graph: 'Queue',
      values: [
        highest(queue.metricApproximateNumberOfMessagesVisible()).with({ label: 'Waiting, at most' }),
        highest(deadLetters.metricApproximateNumberOfMessagesVisible()).with({ label: 'Dead letters' }),
      ],
      left: [
        sum(queue.metricNumberOfMessagesSent()).with({ label: 'Sent' }),
        highest(queue.metricApproximateNumberOfMessagesVisible()).with({ label: 'Waiting' }),
      ],
      right: [highest(queue.metricApproximateAgeOfOldestMessage()).with({ label: 'Oldest, s' })],
    },
    CARD: {
      title: '3 Card',
      graph: 'Time to card',
      values: [
        measures.of('ApprovalRequested', 'Sum').with({ label: 'Requested' }),
        measures.of('ApprovalSent', 'Sum').with({ label: 'Sent' }),
        measures.of('ApprovalWithdrawn', 'Sum').with({ label: 'Withdrawn' }),
      ],
      left: [
        measures.of('TimeToCard', 'Average').with({ label: 'Change to card, ms: average' }),
        measures.of('TimeToCard', 'Maximum').with({ label: 'Change to card, ms: longest' }),
      ],
    },
    DECISION: {
      title: '4 Decision',
      graph: 'Events received',
      values: [
        measures.of('WebhookStored', 'Sum').with({ label: 'Events stored' }),
        measures.of('DecisionFoundByLook', 'Sum').with({ label: 'Found without event' }),
      ],
      left: [
        measures.of('WebhookStored', 'Sum'),
        measures.of('WebhookIgnored', 'Sum'),
        measures.of('WebhookRefused', 'Sum'),
      ],
    },
    TRANSACTION: {
      title: '5 Transaction',
      graph: 'Time to transaction, and decisions',
      values: [
        measures.of('ApprovalDecided', 'Sum').with({ label: 'Decided' }),
        measures.of('ApprovalFailed', 'Sum').with({ label: 'Failed' }),
      ],
      left: [
        measures.of('TimeToTransaction', 'Average').with({ label: 'Event to transaction, ms: average' }),
        measures.of('TimeToTransaction', 'Maximum').with({ label: 'Event to transaction, ms: longest' }),
      ],
      right: ['APPROVED', 'REJECTED'].map((state) =>
        measures.partOf('ApprovalDecided', state, 'Sum').with({ label: state }),
      ),
    },
    EVENT: {
      title: '6 Event',
      graph: 'Events published, and delay',
      values: [measures.of('ApprovalEventPublished', 'Sum').with({ label: 'Published' })],
      left: [measures.of('ApprovalEventPublished', 'Sum')],
      right: [
        highest(functions.publishApprovalEvents.lambda.metric('IteratorAge')).with({
          label: 'Behind the stream, ms',
        }),
      ],
    },
  };
}

/** What may be wrong at every stage. */
function lowerRow({ functions, httpFront, measures }: DashboardProps): IWidget[] {
  const sums = (...names: Parameters<Measures['of']>[0][]) => names.map((name) => measures.of(name, 'Sum'));
  const size = { width: WIDTH, height: HEIGHT.graphs };
  return [
    new GraphWidget({
      ...size,
      title: 'Failures',
      left: sums('RecordFailed', 'HintFailed', 'ApprovalFailed', 'RightMissing', 'SweepFailed'),
      right: sums('RecordSetAside', 'HintSetAside'),
    }),
    new GraphWidget({
      ...size,
      title: 'Crashes and time-outs',
      left: functions.all().map(({ name, lambda }) => sum(lambda.metricErrors()).with({ label: name })),
    }),
    new GraphWidget({
      ...size,
      title: 'Calls',
      left: sums('FeishuCall', 'OaCall', 'LimitWait'),
      right: [
        ...sums('FeishuError'),
        measures.of('FeishuUnreachable', 'Minimum').with({ label: 'Feishu out of reach' }),
        measures.of('FeishuSetupRefused', 'Maximum').with({ label: 'Feishu refuses the set-up' }),
        measures.of('OaUnreachable', 'Maximum').with({ label: 'OA out of reach' }),
      ],
    }),
    new GraphWidget({
      ...size,
      title: 'Webhook',
      left: sums('WebhookRefused', 'WebhookUnavailable'),
      right: [sum(httpFront.api.metricServerError()).with({ label: '5xx' })],
    }),
    new GraphWidget({
      ...size,
      title: 'Sweep: finds',
      left: sums('SweepDue', 'PlanCorrection'),
      right: [measures.of('SweepLap', 'Maximum').with({ label: 'Walk, ms' })],
    }),
    new GraphWidget({
      ...size,
      title: 'Sweep: gauges',
      left: [measures.of('OldestUnsent', 'Maximum').with({ label: 'Oldest unsent, s' })],
      right: [measures.of('EventSourceDisabled', 'Maximum').with({ label: 'Event sources disabled' })],
    }),
  ];
}
