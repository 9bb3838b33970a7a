import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import { type CallingUp, callWaiting } from '../../shared/approval/call-up.ts';
import { watchUnsent } from '../../shared/approval/oldest-unsent.ts';
import { createDynamoPacer } from '../../shared/approval/store/pacing.ts';
import { sweep } from '../../shared/approval/sweep.ts';
import { createWorkQueue } from '../../shared/approval/work-queue.ts';
import { once } from '../../shared/runtime/env.ts';
import { currentRequestId, runAbout } from '../../shared/runtime/invocation.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { observed, reportFailure } from '../../shared/runtime/observed.ts';
import { sweepApprovalsEnv } from './env.ts';
import { countDisabled } from './event-sources.ts';

const start = once(() => {
  const env = sweepApprovalsEnv();
  const logger = createLogger('sweep-approvals');
  const counter = createCounter('sweep-approvals');
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const unsent = watchUnsent({ documents, tableName: env.APPROVAL_TABLE_NAME });
  const sweeping: CallingUp = {
    documents,
    pacer: createDynamoPacer(documents, env.APPROVAL_TABLE_NAME, env.FEISHU_CALLS_PER_MINUTE),
    sleep,
    tables: { issueTableName: env.ISSUE_TABLE_NAME, approvalTableName: env.APPROVAL_TABLE_NAME },
    queue: createWorkQueue({ sqs: new SQSClient({}), queueUrl: env.WORK_QUEUE_URL }),
    now: () => new Date(),
    logger,
    counter,
    unsent,
  };
  return {
    sweeping,
    unsent,
    logger,
    counter,
    lambda: new LambdaClient({}),
    mappings: env.EVENT_SOURCE_MAPPINGS,
  };
});
type Dependencies = ReturnType<typeof start>;

/**
 * Runs every minute: sends hints for what is due, walks the Issues table for 20 seconds, and calls up the rounds that
 * wait for a slot for as long as any wait. It also measures what nobody else sees: the oldest unsent request, and
 * event sources that are switched off.
 */
export const handler = middy<unknown, void>().handler(
  observed(start, (_: unknown, dependencies) =>
    runAbout({ correlationId: currentRequestId() }, () => run(dependencies), { kind: 'OTHER' }),
  ),
);

async function run(dependencies: Dependencies): Promise<void> {
  const { sweeping, logger, counter } = dependencies;
  // All at the same time: a long or failed walk must not delay the rounds that wait for a slot.
  const [swept, waiting] = await Promise.allSettled([
    sweep(sweeping),
    callWaiting(sweeping),
    watchEventSources(dependencies),
  ]);
  await measureUnsent(dependencies);
  if (waiting.status === 'fulfilled' && waiting.value > 0)
    logger.info('called up waiting rounds', { called: waiting.value });
  if (swept.status === 'fulfilled') {
    const { due, hinted } = swept.value;
    counter.count('SweepDue', due);
    counter.count('PlanCorrection', hinted);
    if (due + hinted > 0) logger.info('sent hints for due rounds', swept.value);
  }
  // Failures of single issues and rounds are reported one by one (`SweepFailed`). Others fail the invocation.
  const failed = [swept, waiting].flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const unreported = failed.filter((reason) => !(reason instanceof AggregateError));
  if (unreported.length > 0) throw unreported[0];
}

/** Never rejects: it only measures. */
async function measureUnsent({ unsent, sweeping, logger, counter }: Dependencies): Promise<void> {
  try {
    counter.count('OldestUnsent', await unsent.readOldest(sweeping.now()));
  } catch (error) {
    reportFailure('reading unsent requests failed', error, { logger, counter });
  }
}

/** Never rejects: it only measures. */
async function watchEventSources({ mappings, lambda, logger, counter }: Dependencies): Promise<void> {
  try {
    counter.count('EventSourceDisabled', await countDisabled(mappings, lambda));
  } catch (error) {
    reportFailure('reading the event source mappings failed', error, { logger, counter });
  }
}
