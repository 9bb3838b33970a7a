import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, ScheduledEvent } from 'aws-lambda';
import { answerError, answerJson } from '../../shared/runtime/http.ts';
import { currentRequestId, runAbout } from '../../shared/runtime/invocation.ts';
import { observed, reportFailure } from '../../shared/runtime/observed.ts';
import { removeFormerApps } from '../../shared/setup/former-apps.ts';
import { dependencies } from './dependencies.ts';
import { route } from './routes.ts';

type Incoming = APIGatewayProxyEventV2 | ScheduledEvent;

const isClock = (event: Incoming): event is ScheduledEvent =>
  'source' in event && event.source === 'aws.events';

/** The settings API, signed with IAM on AWS (docs/contract.md 4). Once an hour it also removes what has expired. */
export const handler = middy<Incoming, APIGatewayProxyStructuredResultV2>().handler(
  observed(dependencies, (event: Incoming, work) =>
    runAbout({ correlationId: currentRequestId() }, () => answer(event, work), { kind: 'OTHER' }),
  ),
);

async function answer(
  event: Incoming,
  work: ReturnType<typeof dependencies>,
): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    if (!isClock(event)) return await route(event, work);
    const dropped = await removeFormerApps(work);
    if (dropped.length > 0)
      work.logger.info('removed the keys of former apps', { appIds: dropped.join(' ') });
    return answerJson(200, { dropped });
  } catch (error) {
    // Nobody reads the answer of a scheduled run: only an error reaches the alarms.
    if (isClock(event)) throw error;
    const refusal = answerError(error);
    if ((refusal.statusCode ?? 500) >= 500) reportFailure('settings request failed', error, work);
    return refusal;
  }
}
