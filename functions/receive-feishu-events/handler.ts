import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { once } from '../../shared/runtime/env.ts';
import { observed } from '../../shared/runtime/observed.ts';
import { createDependencies } from './dependencies.ts';
import { answerOf, requestOf } from './http.ts';
import { receiveFeishuEvent } from './receive-feishu-event.ts';

const start = once(createDependencies);

/** Handles `POST /feishu/events`: puts a hint on the work queue. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>().handler(
  observed(start, async (event: APIGatewayProxyEventV2, dependencies) =>
    answerOf(await receiveFeishuEvent(requestOf(event), dependencies)),
  ),
);
