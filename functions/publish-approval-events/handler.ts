import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { once } from '../../shared/runtime/env.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createCounter } from '../../shared/runtime/metrics.ts';
import { observed } from '../../shared/runtime/observed.ts';
import { publishApprovalEventsEnv } from './env.ts';
import { publish } from './publish.ts';

const start = once(() => ({
  eventBridge: new EventBridgeClient({}),
  eventBusName: publishApprovalEventsEnv().EVENT_BUS_NAME,
  counter: createCounter('publish-approval-events'),
  logger: createLogger('publish-approval-events'),
}));

/** Turns the stream of the Approvals table into events on EventBridge. */
export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(
  observed(start, (event: DynamoDBStreamEvent, dependencies) => publish(event.Records, dependencies)),
);
