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
 * Every minute: what is due, as much of the Issues table as 20 seconds allow, and, for as long as anything waits, whose
 * turn it is.
 */
export const handler = middy<unknown, void>().handler(async () => {
  const { sweeping, logger } = start();
  // Side by side: neither a long walk nor one that fails keeps those waiting whose turn it is.
  const [swept, waiting] = await Promise.allSettled([sweep(sweeping), callWaiting(sweeping)]);
  if (waiting.status === 'fulfilled' && waiting.value > 0)
    logger.info('called up what waited', { called: waiting.value });
  if (swept.status === 'fulfilled' && swept.value.due + swept.value.hinted > 0)
    logger.info('hinted what was due', swept.value);
  const failed = [swept, waiting].filter((one) => one.status === 'rejected').map(({ reason }) => reason);
  if (failed.length > 0)
    throw failed.length === 1 ? failed[0] : new AggregateError(failed, 'The sweep failed.');
});
