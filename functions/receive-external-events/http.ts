import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { answerJson } from '../../shared/runtime/http.ts';
import type { ExternalEventRequest, ReceiveResult } from './receive-external-event.ts';

const PATH = /^\/external-approvals\/([^/]+)\/events$/;

/** Keeps the body as raw bytes, because these are what was signed (docs/lessons.md 15). */
export function requestOf(event: APIGatewayProxyEventV2): ExternalEventRequest {
  return {
    // API Gateway decodes the parameter. In a raw path, an id that needs decoding is not ours.
    nodeId: event.pathParameters?.nodeId ?? PATH.exec(event.rawPath)?.[1] ?? '',
    // The types promise headers and a text body. A request without them must get 401, not 500.
    headers: Object.fromEntries(
      Object.entries(event.headers ?? {}).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name.toLowerCase(), value]] : [],
      ),
    ),
    body: Buffer.from(
      typeof event.body === 'string' ? event.body : '',
      event.isBase64Encoded ? 'base64' : 'utf8',
    ),
  };
}

/**
 * Maps a result to an answer (docs/contract.md 5). All refused signatures get
 * the same answer, which gives nothing away.
 */
export function answerOf({ kind }: ReceiveResult): APIGatewayProxyStructuredResultV2 {
  switch (kind) {
    case 'STORED':
    case 'IGNORED':
      return answerJson(200, {});
    case 'BAD_REQUEST':
      return answerJson(400, { code: 'BAD_REQUEST', message: 'The body is not {"approvalId": …} in JSON.' });
    case 'UNAUTHORIZED':
      return answerJson(401, { code: 'UNAUTHORIZED', message: 'Invalid signature.' });
    case 'UNKNOWN_NODE':
      return answerJson(404, { code: 'NOT_FOUND', message: 'There is no such external node.' });
    case 'TOO_LARGE':
      return answerJson(413, { code: 'TOO_LARGE', message: 'The body is larger than 256 KiB.' });
    case 'UNAVAILABLE':
      return answerJson(503, {
        code: 'UNAVAILABLE',
        message: 'The event could not be stored; send it again.',
      });
  }
  kind satisfies never;
}
