import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { AppError } from '../../shared/runtime/errors.ts';
import { answerJson, parseBody } from '../../shared/runtime/http.ts';
import {
  enableFeishu,
  enableRequestSchema,
  readSettingsView,
  type SettingsWork,
} from '../../shared/settings/enable-feishu.ts';

/** The settings routes of CONTRACT section 4 that exist so far; rejects with an `AppError` for any other. */
export async function route(
  event: APIGatewayProxyEventV2,
  work: SettingsWork,
): Promise<APIGatewayProxyStructuredResultV2> {
  if (event.rawPath !== '/settings/feishu') throw new AppError('NOT_FOUND', 'There is no such route.');
  switch (event.requestContext.http.method) {
    case 'GET':
      return answerJson(200, await readSettingsView(work.place));
    case 'PUT': {
      const outcome = await enableFeishu(parseBody(event, enableRequestSchema), work);
      return outcome.kind === 'ENABLED'
        ? answerJson(200, outcome.view)
        : answerJson(422, { checks: outcome.checks });
    }
    default:
      throw new AppError('METHOD_NOT_ALLOWED', 'This route knows GET and PUT.');
  }
}
