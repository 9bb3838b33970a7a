import { Duration } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { PARTITION_PREFIXES, PARTITIONS } from '../../../shared/tables/approval-keys.ts';
import type { FunctionsProps } from './functions-props.ts';
import { allow, ProductFunction } from './product-function.ts';
import type { Tables } from './tables.ts';

/**
 * Feishu waits 3 s for an answer and 1 s for the answer to a challenge, including a cold start (docs/feishu.md 9). An
 * OA has time limits, too. With this memory a function has a whole processor.
 */
const FAST = { timeout: Duration.seconds(5), memorySize: 1769 };

export function makeReceiveFeishuEvents(scope: Construct, props: FunctionsProps): ProductFunction {
  const { tables, workQueue, feishuSecret, options } = props;
  const made = new ProductFunction(scope, 'ReceiveFeishuEvents', {
    name: 'receive-feishu-events',
    options,
    description: "Feishu's webhook: verifies an event and sends a hint for its issue",
    ...FAST,
    concurrency: options.receiverConcurrency,
    environment: {
      APPROVAL_TABLE_NAME: tables.approvals.tableName,
      WORK_QUEUE_URL: workQueue.queue.queueUrl,
      FEISHU_SECRET_ARN: feishuSecret.secretArn,
    },
  });
  allowReading(made.role, tables, [
    `${PARTITION_PREFIXES.approval}*`,
    `${PARTITION_PREFIXES.instance}*`,
    PARTITIONS.settings,
  ]);
  // Only the record of verified requests: anybody can call this function.
  allow(made.role, ['dynamodb:UpdateItem'], tables.approvals.tableArn, {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': PARTITIONS.webhook },
  });
  allow(made.role, ['secretsmanager:GetSecretValue'], feishuSecret.secretArn);
  workQueue.allowHints(made.role);
  return made;
}

export function makeReceiveExternalEvents(scope: Construct, props: FunctionsProps): ProductFunction {
  const { tables, workQueue, externalNodesSecret, options } = props;
  const made = new ProductFunction(scope, 'ReceiveExternalEvents', {
    name: 'receive-external-events',
    options,
    description: "OAs' webhook: verifies an event and sends a hint for its issue",
    ...FAST,
    concurrency: options.receiverConcurrency,
    environment: {
      APPROVAL_TABLE_NAME: tables.approvals.tableName,
      WORK_QUEUE_URL: workQueue.queue.queueUrl,
      EXTERNAL_SECRET_ARN: externalNodesSecret.secretArn,
    },
  });
  allowReading(made.role, tables, [`${PARTITION_PREFIXES.approval}*`, PARTITIONS.nodes]);
  allow(made.role, ['secretsmanager:GetSecretValue'], externalNodesSecret.secretArn);
  workQueue.allowHints(made.role);
  return made;
}

/** Anybody can call a receiver, so it may read pointers and settings only: never a round, nor what a request showed. */
function allowReading(role: IRole, tables: Tables, partitions: string[]): void {
  allow(role, ['dynamodb:GetItem'], tables.approvals.tableArn, {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
  });
}
