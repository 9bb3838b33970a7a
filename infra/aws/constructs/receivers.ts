import { Duration } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { PARTITIONS } from '../../../shared/tables/approval-keys.ts';
import type { StackOptions } from '../context.ts';
import { allow, ProductFunction } from './product-function.ts';
import type { Tables } from './tables.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ReceiverProps {
  tables: Tables;
  workQueue: WorkQueue;
  feishuSecret: ISecret;
  externalNodesSecret: ISecret;
  options: Pick<StackOptions, 'logLevel'>;
}

/**
 * Feishu waits 3 s for an answer and 1 s for the answer to a challenge, including a cold start (docs/feishu.md 9). An
 * OA has time limits, too. With this memory a function has a whole processor.
 */
const FAST = { timeout: Duration.seconds(5), memorySize: 1769 };

export function makeReceiveFeishuEvents(scope: Construct, props: ReceiverProps): ProductFunction {
  const { tables, workQueue, feishuSecret, options } = props;
  const made = new ProductFunction(scope, 'ReceiveFeishuEvents', {
    name: 'receive-feishu-events',
    logLevel: options.logLevel,
    description: "Feishu's webhook: verifies an event and sends a hint for its issue",
    ...FAST,
    environment: {
      APPROVAL_TABLE_NAME: tables.approvals.tableName,
      WORK_QUEUE_URL: workQueue.queue.queueUrl,
      FEISHU_SECRET_ARN: feishuSecret.secretArn,
    },
  });
  allow(made.role, ['dynamodb:GetItem'], tables.approvals.tableArn);
  // Only the record of verified requests: anybody can call this function.
  allow(made.role, ['dynamodb:UpdateItem'], tables.approvals.tableArn, {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': PARTITIONS.webhook },
  });
  allow(made.role, ['secretsmanager:GetSecretValue'], feishuSecret.secretArn);
  workQueue.allowHints(made.role);
  return made;
}

export function makeReceiveExternalEvents(scope: Construct, props: ReceiverProps): ProductFunction {
  const { tables, workQueue, externalNodesSecret, options } = props;
  const made = new ProductFunction(scope, 'ReceiveExternalEvents', {
    name: 'receive-external-events',
    logLevel: options.logLevel,
    description: "OAs' webhook: verifies an event and sends a hint for its issue",
    ...FAST,
    environment: {
      APPROVAL_TABLE_NAME: tables.approvals.tableName,
      WORK_QUEUE_URL: workQueue.queue.queueUrl,
      EXTERNAL_SECRET_ARN: externalNodesSecret.secretArn,
    },
  });
  allow(made.role, ['dynamodb:GetItem'], tables.approvals.tableArn);
  allow(made.role, ['secretsmanager:GetSecretValue'], externalNodesSecret.secretArn);
  workQueue.allowHints(made.role);
  return made;
}
