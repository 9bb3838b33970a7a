import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { answerJson } from '../../shared/runtime/http.ts';
import type { ExternalEventRequest, ReceiveResult } from './receive-external-event.ts';

const PATH = /^\/external-approvals\/([^/]+)\/events$/;

/** The body as the bytes of the wire, which is what was signed (LESSONS row 15). */
export function requestOf(event: APIGatewayProxyEventV2): ExternalEventRequest {
  return {
    // Decoded by the gateway; from the path, an id that needs decoding is none of ours.
    nodeId: event.pathParameters?.nodeId ?? PATH.exec(event.rawPath)?.[1] ?? '',
    // Typed as always there, and as texts; whatever comes is refused all the same, not called a failure of ours.
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

/** CONTRACT section 5. Every refused signature is answered the same: it must not tell how far it came. */
export function answerOf({ kind }: ReceiveResult): APIGatewayProxyStructuredResultV2 {
  switch (kind) {
    case 'STORED':
    case 'IGNORED':
      return answerJson(200, {});
    case 'BAD_REQUEST':
      return answerJson(400, { code: 'BAD_REQUEST', message: 'The body is not {"approvalId": …} in JSON.' });
    case 'UNAUTHORIZED':
      return answerJson(401, { code: 'UNAUTHORIZED', message: 'The request is not rightly signed.' });
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
