import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { WORKERS } from '../context.ts';
import { type FunctionsProps, feishuBaseUrl } from './functions-props.ts';
import { allow, ProductFunction } from './product-function.ts';
import type { EventSource } from './stream-source.ts';
import { WORKER_TIMEOUT } from './work-queue.ts';

/** The worker, and the work queue as its event source. */
export function makeReconcileIssues(
  scope: Construct,
  props: FunctionsProps,
): { worker: ProductFunction; source: EventSource } {
  const { tables, workQueue, feishuSecret, externalNodesSecret, options } = props;
  const made = new ProductFunction(scope, 'ReconcileIssues', {
    name: 'reconcile-issues',
    options,
    description: 'Work queue: makes the approvals of one issue match its record',
    memorySize: 1024,
    timeout: WORKER_TIMEOUT,
    concurrency: options.workerConcurrency,
    environment: {
      ISSUE_TABLE_NAME: tables.issues.tableName,
      APPROVAL_TABLE_NAME: tables.approvals.tableName,
      WORK_QUEUE_URL: workQueue.queue.queueUrl,
      DEAD_LETTER_QUEUE_URL: workQueue.deadLetters.queueUrl,
      FEISHU_SECRET_ARN: feishuSecret.secretArn,
      EXTERNAL_SECRET_ARN: externalNodesSecret.secretArn,
      ...feishuBaseUrl(props),
      ...days('ROUND_RETENTION_DAYS', options.roundRetentionDays),
      ...days('SHOWN_RETENTION_DAYS', options.shownRetentionDays),
    },
  });
  // A transaction needs the permissions of its operations; there is no permission for transactions themselves.
  allow(made.role, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], tables.issues.tableArn);
  allow(
    made.role,
    ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    tables.approvals.tableArn,
  );
  for (const secret of [feishuSecret, externalNodesSecret]) {
    allow(made.role, ['secretsmanager:GetSecretValue'], secret.secretArn);
  }
  workQueue.allowHints(made.role);
  workQueue.allowDeadLetters(made.role);
  const source = new SqsEventSource(workQueue.queue, {
    batchSize: 1,
    maxConcurrency: WORKERS,
    reportBatchItemFailures: true,
  });
  made.lambda.addEventSource(source);
  return { worker: made, source: { id: source.eventSourceMappingId, arn: source.eventSourceMappingArn } };
}

const days = (name: string, value: number | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: String(value) };
