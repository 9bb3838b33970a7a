import { Color, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../../../shared/runtime/metric-table.ts';
import type { Stage } from './alarm-definition.ts';
import type { Functions } from './functions.ts';
import type { HttpFront } from './http-front.ts';
import { highest, inSeconds, type Measures, sum } from './measures.ts';
import type { ProductFunction } from './product-function.ts';
import type { WorkQueue } from './work-queue.ts';

/** What the dashboard shows of the metrics: a column for each stage of the way, and below what may be wrong anywhere. */

export interface Watched {
  functions: Functions;
  workQueue: WorkQueue;
  httpFront: HttpFront;
  measures: Measures;
}

interface Column {
  title: string;
  /** Sums and highest values over the time range that is shown. */
  values: IMetric[];
  graph: Graph;
}

export interface Graph {
  title: string;
  left: Axis;
  right?: Axis;
}

export interface Axis {
  /** What its numbers count, with their unit. */
  label: string;
  max?: number;
  metrics: IMetric[];
}

type OnTheWay = Exclude<Stage, 'WHOLE'>;

/** The stages of the way, each with its numbers and its graph. */
export function columnsOf({ functions, workQueue, measures }: Watched): Record<OnTheWay, Column> {
  const { queue, deadLetters } = workQueue;
  const sumOf = (name: MetricName, label: string) => measures.of(name, 'Sum').with({ label });
  const delayOf = ({ lambda }: ProductFunction) =>
    inSeconds('delay', highest(lambda.metric('IteratorAge')), 'Delay of the stream');
  const averageAndLongest = (name: MetricName) => [
    inSeconds('average', measures.of(name, 'Average'), 'Average'),
    inSeconds('longest', measures.of(name, 'Maximum'), 'Longest'),
  ];
  return {
    CHANGE: {
      title: '1 Change',
      values: [sumOf('HintSent', 'Changes that matter'), sumOf('InvalidRecord', 'Invalid records')],
      graph: {
        title: 'Changes, and delay',
        left: { label: 'changes', metrics: [sumOf('HintSent', 'Changes that matter')] },
        right: { label: 'seconds', metrics: [delayOf(functions.watchIssues)] },
      },
    },
    HINT: {
      title: '2 Hint',
      values: [
        highest(queue.metricApproximateNumberOfMessagesVisible()).with({ label: 'Waiting, at most' }),
        highest(deadLetters.metricApproximateNumberOfMessagesVisible()).with({ label: 'Dead letters' }),
      ],
      graph: {
        title: 'Hints in the queue',
        left: {
          label: 'hints',
          metrics: [
            sum(queue.metricNumberOfMessagesSent()).with({ label: 'Sent' }),
            highest(queue.metricApproximateNumberOfMessagesVisible()).with({ label: 'Waiting' }),
          ],
        },
        right: {
          label: 'seconds',
          metrics: [
            highest(queue.metricApproximateAgeOfOldestMessage()).with({ label: 'Age of the oldest' }),
          ],
        },
      },
    },
    CARD: {
      title: '3 Card',
      values: [
        sumOf('ApprovalRequested', 'Requested'),
        sumOf('ApprovalSent', 'Sent'),
        sumOf('ApprovalWithdrawn', 'Withdrawn'),
      ],
      graph: {
        title: 'Time to card',
        left: {
          label: 'seconds',
          metrics: [
            ...averageAndLongest('TimeToCard'),
            measures
              .of('OldestUnsent', 'Maximum')
              .with({ label: 'Age of the oldest unsent', color: Color.RED }),
          ],
        },
        right: { label: 'cards', metrics: [sumOf('ApprovalSent', 'Sent').with({ color: Color.GREY })] },
      },
    },
    DECISION: {
      title: '4 Decision',
      values: [
        sumOf('WebhookStored', 'Events stored'),
        sumOf('DecisionFoundByLook', 'Decisions without event'),
      ],
      graph: {
        title: 'Events received',
        left: {
          label: 'events',
          metrics: [sumOf('WebhookStored', 'Stored'), sumOf('WebhookIgnored', 'Not for us')],
        },
        right: {
          label: 'events, bad',
          metrics: [
            sumOf('WebhookRefused', 'Refused').with({ color: Color.RED }),
            sumOf('WebhookUnavailable', 'Could not be stored').with({ color: Color.PURPLE }),
          ],
        },
      },
    },
    TRANSACTION: {
      title: '5 Transaction',
      values: [sumOf('ApprovalDecided', 'Decided'), sumOf('ApprovalFailed', 'Failed')],
      graph: {
        title: 'Decisions, and time to transaction',
        left: {
          label: 'decisions',
          metrics: (
            [
              ['APPROVED', 'Approved'],
              ['REJECTED', 'Rejected'],
            ] as const
          ).map(([state, label]) => measures.partOf('ApprovalDecided', state, 'Sum').with({ label })),
        },
        right: { label: 'seconds', metrics: averageAndLongest('TimeToTransaction') },
      },
    },
    EVENT: {
      title: '6 Event',
      values: [sumOf('ApprovalEventPublished', 'Published')],
      graph: {
        title: 'Events published, and delay',
        left: { label: 'events', metrics: [sumOf('ApprovalEventPublished', 'Published')] },
        right: { label: 'seconds', metrics: [delayOf(functions.publishApprovalEvents)] },
      },
    },
  };
}

/** What may be wrong at every stage. */
export function faultGraphs({ functions, httpFront, measures }: Watched): Graph[] {
  const sumOf = (name: MetricName, label: string) => measures.of(name, 'Sum').with({ label });
  return [
    {
      title: 'Failures (without data: none)',
      left: {
        label: 'failures',
        metrics: [
          sumOf('RecordFailed', 'Stream records'),
          sumOf('HintFailed', 'Hints'),
          sumOf('ApprovalFailed', 'Approvals'),
          sumOf('SweepFailed', 'Sweep'),
        ],
      },
      right: {
        label: 'set aside',
        metrics: [
          sumOf('RecordSetAside', 'Stream records set aside'),
          sumOf('HintSetAside', 'Hints set aside'),
        ],
      },
    },
    {
      title: 'Errors of functions, and 5xx',
      left: {
        label: 'crashes and time-outs',
        metrics: functions.all().map(({ name, lambda }) => sum(lambda.metricErrors()).with({ label: name })),
      },
      right: {
        label: 'answers',
        metrics: [
          sum(httpFront.api.metricServerError()).with({ label: 'Answered with 5xx', color: Color.GREY }),
        ],
      },
    },
    {
      title: 'Calls',
      left: {
        label: 'calls',
        metrics: [
          sumOf('FeishuCall', 'Feishu'),
          sumOf('FeishuError', 'Feishu, failed').with({ color: Color.RED }),
          sumOf('OaCall', 'OA'),
          sumOf('LimitWait', 'Waits for the rate limit').with({ color: Color.GREY }),
        ],
      },
    },
    {
      title: 'Out of reach',
      left: {
        label: '1: no call succeeded',
        max: 1,
        metrics: [measures.of('FeishuUnreachable', 'Minimum').with({ label: 'Feishu' })],
      },
      right: {
        label: '1: a call failed',
        max: 1,
        metrics: [measures.of('OaUnreachable', 'Maximum').with({ label: 'OA' })],
      },
    },
    {
      title: 'Wrong set-up',
      left: {
        label: '0: right',
        metrics: [
          measures.of('FeishuSetupRefused', 'Maximum').with({ label: 'Feishu refuses the set-up' }),
          measures.of('EventSourceDisabled', 'Maximum').with({ label: 'Event sources disabled' }),
          sumOf('RightMissing', 'Rights missing'),
        ],
      },
    },
    {
      title: 'Sweep',
      left: {
        label: 'found',
        metrics: [sumOf('SweepDue', 'Due rounds'), sumOf('PlanCorrection', 'Issues with an action due')],
      },
      right: {
        label: 'seconds',
        metrics: [inSeconds('lap', measures.of('SweepLap', 'Maximum'), 'Walk through all issues')],
      },
    },
  ];
}
