import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { closeServer, listen, readBody } from '../http.ts';
import { functionArn } from '../names.ts';
import { isFromThisMachine } from '../own-address.ts';
import type { Functions } from './functions.ts';

/** A function as Lambda invokes it: with any JSON. */
type Invocable = (event: unknown) => Promise<unknown>;

/** The size limit of a synchronous invocation. */
const LIMIT_BYTES = 6 * 1024 * 1024;

/** A part of what GetEventSourceMapping answers. */
interface MappingState {
  id: string;
  functionName: string;
  isOn: boolean;
}

/**
 * Serves synchronous Invoke calls: `POST /2015-03-31/functions/{name or ARN, with or without :qualifier}/invocations`,
 * and `GET /2015-03-31/event-source-mappings/{id}`. Calls `find` for each request, because the functions are loaded
 * after this server starts.
 */
export async function startLambdaEndpoint(
  find: (functionName: string) => Invocable | undefined,
  mappings: readonly MappingState[] = [],
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(find, mappings, request)
      .catch((): Answer => refuse(500, 'ServiceException', 'the local endpoint failed'))
      .then((given) => write(response, given));
  });
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

async function answer(
  find: (functionName: string) => Invocable | undefined,
  mappings: readonly MappingState[],
  request: IncomingMessage,
): Promise<Answer> {
  // Requests are not signed here: a web page must not invoke functions.
  if (!isFromThisMachine(request))
    return refuse(403, 'AccessDeniedException', 'only this machine may invoke');
  const path = request.url?.split('?')[0] ?? '';
  const [, mappingId] = /^\/2015-03-31\/event-source-mappings\/([^/]+)\/?$/.exec(path) ?? [];
  if (request.method === 'GET' && mappingId !== undefined) return describeMapping(mappingId, mappings);
  const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/.exec(path) ?? [];
  if (request.method !== 'POST' || name === undefined) {
    return refuse(404, 'UnknownOperationException', 'not supported locally');
  }
  const invoke = find(functionNameOf(decodeURIComponent(name)));
  if (!invoke) return refuse(404, 'ResourceNotFoundException', `Function not found: ${name}`);
  const body = await readBody(request, LIMIT_BYTES);
  if (!body) return refuse(413, 'RequestTooLargeException', 'the event is over 6 MB');
  const event = jsonIn(body.toString('utf8') || '{}');
  if (!event) return refuse(400, 'InvalidRequestContentException', 'the event is not JSON');
  const executed = { 'x-amz-executed-version': '$LATEST' };
  try {
    return { status: 200, headers: executed, body: (await invoke(event.json)) ?? null };
  } catch {
    // The error may contain SQL. It is in the log of the function.
    return {
      status: 200,
      headers: { ...executed, 'x-amz-function-error': 'Unhandled' },
      body: { errorType: 'Error', errorMessage: 'the function failed' },
    };
  }
}

function describeMapping(id: string, mappings: readonly MappingState[]): Answer {
  const found = mappings.find((mapping) => mapping.id === id);
  if (!found) return refuse(404, 'ResourceNotFoundException', 'there is no such event source mapping');
  const State = found.isOn ? 'Enabled' : 'Disabled';
  return { status: 200, body: { UUID: id, FunctionArn: functionArn(found.functionName), State } };
}

const refuse = (status: number, type: string, message: string): Answer => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { Type: status < 500 ? 'User' : 'Service', Message: message },
});

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** Returns the name of a function from a name, a partial or a full ARN, with or without a qualifier. */
function functionNameOf(given: string): string {
  const parts = given.split(':');
  const at = parts.indexOf('function');
  return (at === -1 ? parts[0] : parts[at + 1]) ?? '';
}

function jsonIn(text: string): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const streamEventSchema = z.looseObject({ Records: z.array(z.looseObject({ dynamodb: z.looseObject({}) })) });
const isStreamEvent = (event: unknown): event is DynamoDBStreamEvent =>
  streamEventSchema.safeParse(event).success;

/** Returns a function that an operator may invoke with given-up records, or undefined for other names. */
export function findInvocable(functions: Functions, functionName: string): Invocable | undefined {
  switch (functionName) {
    case 'watch-issues':
      return onStreamEvents(functions.watchIssues);
    case 'publish-approval-events':
      return onStreamEvents(functions.publishApprovalEvents);
    default:
      return undefined;
  }
}

const onStreamEvents =
  (run: (event: DynamoDBStreamEvent) => Promise<unknown>): Invocable =>
  async (event) => {
    if (!isStreamEvent(event)) throw new TypeError('not an event of a DynamoDB stream');
    return run(event);
  };
