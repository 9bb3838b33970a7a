import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import type { FunctionsProps } from './functions-props.ts';
import { allow, ProductFunction } from './product-function.ts';
import type { EventSource } from './stream-source.ts';
import { dueIndexArn } from './tables.ts';

/** The sweep. It also looks whether the event sources of the other functions are enabled. */
export function makeSweepApprovals(
  scope: Construct,
  props: FunctionsProps,
  sources: readonly EventSource[],
): ProductFunction {
  const { tables, workQueue } = props;
  const made = new ProductFunction(scope, 'SweepApprovals', {
    name: 'sweep-approvals',
    options: props.options,
    description: 'Every minute: sends hints for rounds that are due or wait, and finds lost hints',
    // A run takes up to 58 s while rounds wait for a slot, and its last round of work may take longer.
    timeout: Duration.seconds(90),
    environment: {
      ISSUE_TABLE_NAME: tables.issues.tableName,
      APPROVAL_TABLE_NAME: tables.approvals.tableName,
      WORK_QUEUE_URL: workQueue.queue.queueUrl,
      EVENT_SOURCE_MAPPINGS: sources.map(({ id }) => id).join(','),
    },
  });
  allow(made.role, ['dynamodb:Scan'], tables.issues.tableArn);
  allow(made.role, ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], tables.approvals.tableArn);
  allow(made.role, ['dynamodb:Query'], dueIndexArn(tables));
  for (const { arn } of sources) allow(made.role, ['lambda:GetEventSourceMapping'], arn);
  workQueue.allowHints(made.role);
  new Rule(scope, 'EveryMinute', {
    description: 'Starts sweep-approvals',
    schedule: Schedule.rate(Duration.minutes(1)),
    // The next run comes in a minute: do not retry a failed one.
    targets: [new LambdaFunction(made.lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
  });
  made.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  return made;
}
