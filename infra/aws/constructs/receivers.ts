import { Duration } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { WEBHOOK_PARTITION } from '../../../shared/settings/webhook-log.ts';
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
 * Feishu waits 3 s for an answer, 1 s for that to a challenge, a cold start included (FEISHU section 9); an OA has
 * its limits, too. With this memory a function has a whole processor.
 */
const PROMPT = { timeout: Duration.seconds(5), memorySize: 1769 };

export function makeReceiveFeishuEvents(scope: Construct, props: ReceiverProps): ProductFunction {
  const { tables, workQueue, feishuSecret, options } = props;
  const made = new ProductFunction(scope, 'ReceiveFeishuEvents', {
    name: 'receive-feishu-events',
    logLevel: options.logLevel,
    description: "Feishu's webhook: verifies an event and hints the work queue at its issue",
    ...PROMPT,
    environment: {
      APPROVAL_TABLE_NAME: tables.approvals.tableName,
      WORK_QUEUE_URL: workQueue.queue.queueUrl,
      FEISHU_SECRET_ARN: feishuSecret.secretArn,
    },
  });
  allow(made.role, ['dynamodb:GetItem'], tables.approvals.tableArn);
  // What it notes of verified requests, and nothing else: anybody can call it.
  allow(made.role, ['dynamodb:UpdateItem'], tables.approvals.tableArn, {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': WEBHOOK_PARTITION },
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
    description: "OAs' webhook: verifies an event and hints the work queue at its issue",
    ...PROMPT,
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
