import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { answerError } from '../../shared/runtime/http.ts';
import { describeError } from '../../shared/runtime/logger.ts';
import { route } from './routes.ts';
import { start } from './start.ts';

/** The settings API, signed with IAM on AWS (CONTRACT section 4). */
export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>().handler(
  async (event) => {
    const work = start();
    try {
      return await route(event, work);
    } catch (error) {
      const answer = answerError(error);
      if ((answer.statusCode ?? 500) >= 500) {
        work.logger.error('a settings request failed', { error: describeError(error) });
      }
      return answer;
    }
  },
);
