import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { closeServer, listen } from '../http.ts';
import { isFromThisMachine } from '../own-address.ts';
import { AwsError, type Operation } from './aws-operation.ts';
import { type BusEvent, putEvents } from './event-bus.ts';
import { arnOf, secretsManager } from './secrets-manager.ts';

/**
 * Serves the operations of Secrets Manager and EventBridge that the functions use, as JSON 1.1 over HTTP: the secrets of
 * the apps and of the external nodes, and an event bus that passes its events to `onEvent`.
 */
export async function startJsonServices(options: {
  secretName: string;
  /** Default: `frabit-external`. */
  externalSecretName?: string;
  onEvent: (event: BusEvent) => void;
  now?: () => Date;
}): Promise<{ url: string; secretArn: string; externalSecretArn: string; close(): Promise<void> }> {
  const { secretName, externalSecretName = 'frabit-external', now = () => new Date() } = options;
  const operations: Record<string, Operation> = {
    ...secretsManager([secretName, externalSecretName], now),
    'AWSEvents.PutEvents': putEvents(options.onEvent),
  };
  const server = createServer((request, response) => {
    answer(operations, request)
      .then((body) => ({ status: 200, body }))
      .catch((error: unknown) => ({
        status: error instanceof AwsError ? error.status : 500,
        body: {
          __type: error instanceof AwsError ? error.name : 'InternalServiceError',
          message: error instanceof AwsError ? error.message : 'the local endpoint failed',
        },
      }))
      .then(({ status, body }) => {
        response.writeHead(status, {
          'content-type': 'application/x-amz-json-1.1',
          'x-amzn-requestid': randomUUID(),
        });
        response.end(JSON.stringify(body));
      });
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    secretArn: arnOf(secretName),
    externalSecretArn: arnOf(externalSecretName),
    close: () => closeServer(server),
  };
}

async function answer(operations: Record<string, Operation>, request: IncomingMessage): Promise<unknown> {
  // Requests are not signed here: a web page must not read secrets through a visitor's browser.
  if (!isFromThisMachine(request)) {
    throw new AwsError('AccessDeniedException', 'Only this machine may use this endpoint.', 403);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = operations[target];
  if (request.method !== 'POST' || !operation) {
    throw new AwsError('UnknownOperationException', `not supported locally: ${target}`);
  }
  return operation(JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}'));
}
