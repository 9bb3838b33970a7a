import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import { type CallingUp, callWaiting } from '../../shared/approval/call-up.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { once } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { sweepApprovalsEnv } from './env.ts';

const start = once(() => {
  const env = sweepApprovalsEnv();
  const logger = createLogger('sweep-approvals');
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const sweeping: CallingUp = {
    documents,
    pacer: createDynamoPacer(documents, env.APPROVAL_TABLE_NAME, env.FEISHU_CALLS_PER_MINUTE),
    sleep,
    tables: { issueTableName: env.ISSUE_TABLE_NAME, approvalTableName: env.APPROVAL_TABLE_NAME },
    queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: env.WORK_QUEUE_URL }),
    now: () => new Date(),
    logger,
  };
  return { sweeping, logger };
});

/**
 * Runs every minute: sends hints for what is due, walks the Issues table for 20 seconds, and calls up the rounds that
 * wait for a slot for as long as any wait.
 */
export const handler = middy<unknown, void>().handler(async () => {
  const { sweeping, logger } = start();
  // Both at the same time: a long or failed walk must not delay the rounds that wait for a slot.
  const [swept, waiting] = await Promise.allSettled([sweep(sweeping), callWaiting(sweeping)]);
  if (waiting.status === 'fulfilled' && waiting.value > 0)
    logger.info('called up waiting rounds', { called: waiting.value });
  if (swept.status === 'fulfilled' && swept.value.due + swept.value.hinted > 0)
    logger.info('sent hints for due rounds', swept.value);
  const failed = [swept, waiting].filter((one) => one.status === 'rejected').map(({ reason }) => reason);
  if (failed.length > 0)
    throw failed.length === 1 ? failed[0] : new AggregateError(failed, 'The sweep failed.');
});
