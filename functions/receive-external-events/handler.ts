import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { once } from '../../shared/runtime/env.ts';
import { observed } from '../../shared/runtime/observed.ts';
import { createDependencies } from './dependencies.ts';
import { answerOf, requestOf } from './http.ts';
import { receiveExternalEvent } from './receive-external-event.ts';

const start = once(createDependencies);

/** Handles `POST /external-approvals/{nodeId}/events`: puts a hint on the work queue. */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>().handler(
  observed(start, async (event: APIGatewayProxyEventV2, dependencies) =>
    answerOf(await receiveExternalEvent(requestOf(event), dependencies)),
  ),
);
