import { Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { AlarmTopic } from './alarm-topic.ts';
import type { Functions } from './functions.ts';
import type { HttpFront } from './http-front.ts';
import { highest, ImpactAlarm, type ImpactAlarmProps, sum } from './impact-alarm.ts';
import type { ProductFunction } from './product-function.ts';
import type { WorkQueue } from './work-queue.ts';

interface AlarmsProps {
  functions: Functions;
  workQueue: WorkQueue;
  httpFront: HttpFront;
  /** Who gets an e-mail; absent: nobody. */
  email?: string;
}

/** All alarms of the stack, and the dashboard that shows them. */
export class Alarms extends Construct {
  readonly dashboard: Dashboard;
  private readonly made: ImpactAlarm[] = [];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.watchQueue(props.workQueue);
    this.watchStreams(props.functions);
    this.watchFunctions(props.functions);
    this.watchFront(props.httpFront);
    if (props.email !== undefined) {
      const topic = new AlarmTopic(this, 'Email', { email: props.email });
      for (const alarm of this.made) topic.watch(alarm);
    }
    this.dashboard = this.showAll(props);
  }

  private watchQueue({ queue, deadLetters }: WorkQueue): void {
    this.add('DeadLetters', {
      impact:
        'A hint failed twenty times and is in the dead-letter queue: approvals of its issue may be late until the next sweep.',
      metric: highest(deadLetters.metricApproximateNumberOfMessagesVisible()),
      threshold: 1,
    });
    this.add('OldHints', {
      impact:
        'Hints wait for more than half an hour: approvals are sent, withdrawn and applied more than half an hour late.',
      metric: highest(queue.metricApproximateAgeOfOldestMessage()),
      threshold: Duration.minutes(30).toSeconds(),
    });
  }

  private watchStreams({ streams, watchIssues, publishApprovalEvents }: Functions): void {
    this.add('IssueStreamLate', {
      impact: 'Changes of issues are read more than five minutes late: new approvals reach Feishu late, too.',
      metric: highest(watchIssues.lambda.metric('IteratorAge')),
      threshold: Duration.minutes(5).toMilliseconds(),
    });
    this.add('IssueStreamGaveUp', {
      impact:
        'Changes of issues were given up and are in the failed-records bucket: only the sweep finds these issues.',
      metric: streams.issues.metricGivenUp(),
      threshold: 1,
    });
    this.add('ApprovalStreamLate', {
      impact: 'Approval events reach the event bus more than five minutes late: their consumers act late.',
      metric: highest(publishApprovalEvents.lambda.metric('IteratorAge')),
      threshold: Duration.minutes(5).toMilliseconds(),
    });
    this.add('ApprovalStreamGaveUp', {
      impact:
        'Approval events were given up and are in the failed-records bucket: consumers on the event bus never receive them.',
      metric: streams.approvals.metricGivenUp(),
      threshold: 1,
    });
  }

  private watchFunctions(functions: Functions): void {
    const failing = (id: string, made: ProductFunction, impact: string, periods = 1) =>
      this.add(id, { impact, metric: sum(made.lambda.metricErrors()), threshold: 1, periods });
    failing(
      'WatchIssuesFails',
      functions.watchIssues,
      'Changes of issues cannot be read: no new approval is sent before the next sweep.',
      2,
    );
    failing(
      'ReconcileIssuesFails',
      functions.reconcileIssues,
      'The worker crashes: approvals of some issues are neither sent nor applied.',
      2,
    );
    failing(
      'SweepApprovalsFails',
      functions.sweepApprovals,
      'The sweep crashes: rounds that are due are not processed, and lost hints are not found.',
      3,
    );
    failing(
      'ReceiveFeishuEventsFails',
      functions.receiveFeishuEvents,
      'Feishu events cannot be received: Feishu repeats them, and decisions are applied late.',
    );
    failing(
      'ReceiveExternalEventsFails',
      functions.receiveExternalEvents,
      'OA events cannot be received: decisions of OAs are found by polling, and applied late.',
    );
    failing(
      'ManageSettingsFails',
      functions.manageSettings,
      'The settings cannot be read or changed; approvals continue with the present settings.',
    );
    failing(
      'PublishApprovalEventsFails',
      functions.publishApprovalEvents,
      'Approval events do not reach the event bus: their consumers do not learn of decisions.',
      2,
    );
    this.add('SweepStandsStill', {
      impact: 'The sweep has not run for 15 minutes: retries and lost hints wait until it runs.',
      metric: sum(functions.sweepApprovals.lambda.metricInvocations()),
      threshold: 1,
      whenBelow: true,
      periods: 3,
      silence: 'BAD',
    });
  }

  private watchFront({ api }: HttpFront): void {
    this.add('FrontFails', {
      impact:
        'Requests end in 5xx: Feishu holds back later events of an instance until one is accepted, and OA events are lost, so decisions are late.',
      metric: sum(api.metricServerError()),
      threshold: 1,
      periods: 2,
    });
  }

  private add(id: string, props: ImpactAlarmProps): void {
    this.made.push(new ImpactAlarm(this, id, props));
  }

  private showAll({ functions, workQueue, httpFront }: AlarmsProps): Dashboard {
    return new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(6),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: this.made.map((one) => one.alarm) })],
        [
          new GraphWidget({
            title: 'Hints',
            left: [
              sum(workQueue.queue.metricNumberOfMessagesSent()),
              highest(workQueue.queue.metricApproximateNumberOfMessagesVisible()),
              highest(workQueue.deadLetters.metricApproximateNumberOfMessagesVisible()),
            ],
            right: [highest(workQueue.queue.metricApproximateAgeOfOldestMessage())],
          }),
          new GraphWidget({
            title: 'Streams',
            left: [functions.watchIssues, functions.publishApprovalEvents].map((one) =>
              highest(one.lambda.metric('IteratorAge')),
            ),
          }),
          new GraphWidget({
            title: 'Errors',
            left: functions.all().map((one) => sum(one.lambda.metricErrors())),
          }),
          new GraphWidget({
            title: 'HTTP',
            left: [sum(httpFront.api.metricCount())],
            right: [sum(httpFront.api.metricClientError()), sum(httpFront.api.metricServerError())],
          }),
        ],
      ],
    });
  }
}
