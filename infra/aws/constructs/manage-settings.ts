import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { PARTITION_PREFIXES, PARTITIONS } from '../../../shared/tables/approval-keys.ts';
import { type FunctionsProps, feishuBaseUrl } from './functions-props.ts';
import { allow, ProductFunction } from './product-function.ts';
import { dueIndexArn } from './tables.ts';

/** The settings API, which also removes keys of former apps once an hour. */
export function makeManageSettings(scope: Construct, props: FunctionsProps): ProductFunction {
  const { tables, workQueue, feishuSecret, externalNodesSecret } = props;
  const made = new ProductFunction(scope, 'ManageSettings', {
    name: 'manage-settings',
    options: props.options,
    description:
      'Settings API: a Feishu app and external approval nodes; hourly: removes keys of former apps',
    memorySize: 1024,
    environment: {
      APPROVAL_TABLE_NAME: tables.approvals.tableName,
      WORK_QUEUE_URL: workQueue.queue.queueUrl,
      FEISHU_SECRET_ARN: feishuSecret.secretArn,
      EXTERNAL_SECRET_ARN: externalNodesSecret.secretArn,
      ...feishuBaseUrl(props),
    },
  });
  allow(made.role, ['dynamodb:GetItem'], tables.approvals.tableArn);
  // Only its own items: the rounds in the same table are the audit trail.
  allow(made.role, ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], tables.approvals.tableArn, {
    'ForAllValues:StringLike': {
      'dynamodb:LeadingKeys': [
        PARTITIONS.settings,
        PARTITIONS.sweep,
        PARTITIONS.tests,
        `${PARTITION_PREFIXES.pace}*`,
        `${PARTITION_PREFIXES.forms}*`,
        PARTITIONS.nodes,
      ],
    },
  });
  allow(made.role, ['dynamodb:DeleteItem'], tables.approvals.tableArn, {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': PARTITIONS.nodes },
  });
  allow(made.role, ['dynamodb:Query'], dueIndexArn(tables));
  allow(
    made.role,
    [
      'secretsmanager:GetSecretValue',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ],
    feishuSecret.secretArn,
  );
  allow(
    made.role,
    ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
    externalNodesSecret.secretArn,
  );
  workQueue.allowHints(made.role);
  new Rule(scope, 'EveryHour', {
    description: 'Starts manage-settings',
    schedule: Schedule.rate(Duration.hours(1)),
    targets: [new LambdaFunction(made.lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(5) })],
  });
  made.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
  return made;
}
