import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { watchUnsent } from '../../shared/approval/oldest-unsent.ts';
import type { SweepRun } from '../../shared/approval/run-sweep.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { once } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { sweepApprovalsEnv } from './env.ts';
import { countDisabled } from './event-sources.ts';

/** Returns what the handler works with, made from the environment. A container keeps it between invocations. */
export const dependencies = once(() => {
  const env = sweepApprovalsEnv();
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const lambda = new LambdaClient({});
  return {
    documents,
    tables: { issueTableName: env.ISSUE_TABLE_NAME, approvalTableName: env.APPROVAL_TABLE_NAME },
    queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: env.WORK_QUEUE_URL }),
    pacer: createDynamoPacer(documents, env.APPROVAL_TABLE_NAME, env.FEISHU_CALLS_PER_MINUTE),
    unsent: watchUnsent({ documents, tableName: env.APPROVAL_TABLE_NAME }),
    countDisabledSources: () => countDisabled(env.EVENT_SOURCE_MAPPINGS, lambda),
    now: () => new Date(),
    sleep,
    logger: createLogger('sweep-approvals'),
    counter: createCounter('sweep-approvals'),
  } satisfies SweepRun;
});
