import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { WebhookRequest } from '../../shared/feishu/webhook.ts';
import type { ReceiveResult } from './receive-feishu-event.ts';

/** Keeps the body as raw bytes, because these are what was signed (docs/lessons.md 15). */
export function requestOf(event: APIGatewayProxyEventV2): WebhookRequest {
  return {
    // The types promise headers and a text body. A request without them must get 401, not 500.
    headers: Object.fromEntries(
      Object.entries(event.headers ?? {}).filter(([, value]) => typeof value === 'string'),
    ),
    body: Buffer.from(
      typeof event.body === 'string' ? event.body : '',
      event.isBase64Encoded ? 'base64' : 'utf8',
    ),
  };
}

/** Maps a result to an answer (docs/contract.md 2). All refusals are identical, so that they give nothing away. */
export function answerOf(outcome: ReceiveResult): APIGatewayProxyStructuredResultV2 {
  switch (outcome.kind) {
    case 'CHALLENGE':
      return json(200, { challenge: outcome.challenge });
    case 'STORED':
    case 'IGNORED':
      return json(200, {});
    case 'UNAUTHORIZED':
      return json(401, { code: 'UNAUTHORIZED', message: 'Invalid signature.' });
    case 'BAD_REQUEST':
      return json(400, { code: 'BAD_REQUEST', message: 'The body is not an event of Feishu.' });
    case 'TOO_LARGE':
      return json(413, { code: 'TOO_LARGE', message: 'The body is larger than 256 KiB.' });
    case 'UNAVAILABLE':
      return json(503, { code: 'UNAVAILABLE', message: 'The event could not be stored; send it again.' });
  }
}

const json = (statusCode: number, body: object): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
