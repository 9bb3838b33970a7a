import { Duration } from 'aws-cdk-lib';
import { type AlarmDefinition, ESSENTIAL } from './alarm-definition.ts';
import type { Functions } from './functions.ts';
import type { HttpFront } from './http-front.ts';
import { highest, sum, total } from './measures.ts';
import type { WorkQueue } from './work-queue.ts';

interface Watched {
  functions: Functions;
  workQueue: WorkQueue;
  httpFront: HttpFront;
}

/** Alarms on metrics that AWS makes. */
export const platformAlarms = ({ functions, workQueue, httpFront }: Watched): AlarmDefinition[] => [
  {
    id: 'IssueStreamLate',
    stage: 'CHANGE',
    impact: 'Changes of issues are read more than five minutes late: new approvals reach Feishu late, too.',
    metric: highest(functions.watchIssues.lambda.metric('IteratorAge')),
    threshold: Duration.minutes(5).toMilliseconds(),
  },
  {
    id: 'IssueStreamGaveUp',
    stage: 'CHANGE',
    impact:
      'Changes of issues were given up and are in the failed-records bucket: only the sweep finds these issues.',
    metric: functions.streams.issues.metricGivenUp(),
    threshold: 1,
  },
  {
    id: 'DeadLetters',
    stage: 'HINT',
    ...ESSENTIAL,
    impact:
      'A hint was given up and is in the dead-letter queue: approvals of its issue may be late until the next sweep.',
    metric: highest(workQueue.deadLetters.metricApproximateNumberOfMessagesVisible()),
    threshold: 1,
  },
  {
    id: 'OldHints',
    stage: 'HINT',
    impact:
      'Hints wait for more than half an hour: approvals are sent, withdrawn and applied more than half an hour late.',
    metric: highest(workQueue.queue.metricApproximateAgeOfOldestMessage()),
    threshold: Duration.minutes(30).toSeconds(),
  },
  {
    id: 'FrontFails',
    stage: 'DECISION',
    impact:
      'Requests end in 5xx: events of Feishu and OAs are not accepted and must be sent again, so decisions are late; or the settings cannot be saved.',
    metric: sum(httpFront.api.metricServerError()),
    threshold: 1,
    periods: 2,
  },
  {
    id: 'ApprovalStreamLate',
    stage: 'EVENT',
    impact: 'Approval events reach the event bus more than five minutes late: their consumers act late.',
    metric: highest(functions.publishApprovalEvents.lambda.metric('IteratorAge')),
    threshold: Duration.minutes(5).toMilliseconds(),
  },
  {
    id: 'ApprovalStreamGaveUp',
    stage: 'EVENT',
    impact:
      'Approval events were given up and are in the failed-records bucket: consumers on the event bus never receive them.',
    metric: functions.streams.approvals.metricGivenUp(),
    threshold: 1,
  },
  {
    id: 'SweepStandsStill',
    stage: 'WHOLE',
    ...ESSENTIAL,
    impact: 'The sweep has not run for 15 minutes: retries and lost hints wait until it runs.',
    // Periods without any invocation have no data: CloudWatch would otherwise look at earlier ones first.
    metric: total('Starts of the sweep', [sum(functions.sweepApprovals.lambda.metricInvocations())]),
    threshold: 1,
    whenBelow: true,
    periods: 3,
    missing: 'breaching',
  },
  {
    id: 'FunctionsCrash',
    stage: 'WHOLE',
    // A worker that crashes counts nothing, and an issue without a round is not an unsent request.
    ...ESSENTIAL,
    impact: 'A function crashes or runs out of time: what it does for approvals is late or stands still.',
    metric: total(
      'Crashes and time-outs',
      functions.all().map((one) => sum(one.lambda.metricErrors())),
    ),
    threshold: 1,
    periods: 2,
  },
  {
    id: 'FunctionsThrottled',
    stage: 'WHOLE',
    impact: 'AWS runs functions later than asked, for lack of concurrency: approvals and decisions are late.',
    metric: total(
      'Throttled',
      functions.all().map((one) => sum(one.lambda.metricThrottles())),
    ),
    threshold: 1,
    periods: 2,
  },
];
