import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import middy from '@middy/core';
import type { DynamoDBBatchResponse } from 'aws-lambda';
import { once } from '../../shared/runtime/env.ts';
import { createRecordShelf, type StreamEvent } from '../../shared/runtime/failed-records.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { observed } from '../../shared/runtime/observed.ts';
import { publishApprovalEventsEnv } from './env.ts';
import { publish } from './publish.ts';

const start = once(() => {
  const env = publishApprovalEventsEnv();
  const counter = createCounter('publish-approval-events');
  const logger = createLogger('publish-approval-events');
  return {
    eventBridge: new EventBridgeClient({}),
    eventBusName: env.EVENT_BUS_NAME,
    shelf: createRecordShelf(env.FAILED_RECORDS_BUCKET, { counter, logger }),
    counter,
    logger,
  };
});

/** Turns the stream of the Approvals table into events on EventBridge. */
export const handler = middy<StreamEvent, DynamoDBBatchResponse>().handler(
  observed(start, (event: StreamEvent, { shelf, ...dependencies }) =>
    publish(event.Records, { ...dependencies, setAside: shelf.of(event) }),
  ),
);
