import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import { type Sweeping, sweep } from '../../shared/approval/sweep.ts';
import { once } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createWorkQueue } from '../../shared/runtime/queue.ts';
import { sweepApprovalsEnv } from './env.ts';

const start = once(() => {
  const env = sweepApprovalsEnv();
  const sweeping: Sweeping = {
    documents: DynamoDBDocumentClient.from(new DynamoDBClient({})),
    tables: { issueTableName: env.ISSUE_TABLE_NAME, approvalTableName: env.APPROVAL_TABLE_NAME },
    queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: env.WORK_QUEUE_URL }),
    now: () => new Date(),
  };
  return { sweeping, logger: createLogger('sweep-approvals') };
});

/** Every minute: what is due, and one page of the Issues table. */
export const handler = middy<unknown, void>().handler(async () => {
  const { sweeping, logger } = start();
  const found = await sweep(sweeping);
  if (found.due + found.hinted > 0) logger.info('hinted what was due', found);
});
