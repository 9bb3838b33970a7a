import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { closeServer, listen, readBody } from '../../infra/local/http.ts';

/** How AWS fails: UNAVAILABLE is an internal error, DENIED a missing right. */
export type AwsFailure = 'UNAVAILABLE' | 'DENIED';

const ANSWERS = {
  UNAVAILABLE: { status: 500, type: 'InternalServerError' },
  DENIED: { status: 403, type: 'AccessDeniedException' },
} as const satisfies Record<AwsFailure, { status: number; type: string }>;

/** Returns the answer of a failing service, in the form of JSON 1.0. */
export const failureAnswer = (failure: AwsFailure): { status: number; body: object } => {
  const { status, type } = ANSWERS[failure];
  return { status, body: { __type: type, message: 'a fault of the drill' } };
};

/** Which operations of a service fail; in lower case. */
export interface Failing {
  fail(failure: AwsFailure, ...operations: string[]): void;
  end(): void;
  of(target: string): AwsFailure | undefined;
}

/** `target`: the header x-amz-target, such as `AmazonSQS.SendMessage`. */
export function createFailing(): Failing {
  let present: { failure: AwsFailure; operations: readonly string[] } | undefined;
  return {
    fail(failure, ...operations) {
      present = { failure, operations };
    },
    end() {
      present = undefined;
    },
    of: (target) =>
      present?.operations.some((operation) => target.endsWith(`.${operation}`)) ? present.failure : undefined,
  };
}

const LIMIT_BYTES = 10 * 1024 * 1024;
const PASSED_HEADERS = ['content-type', 'x-amz-target', 'x-amzn-query-mode'] as const;

/** Stands before an emulator of a service with JSON requests, so that it can fail. */
export async function startFailingProxy(
  emulator: string,
): Promise<{ url: string; failing: Failing; close(): Promise<void> }> {
  const failing = createFailing();
  const server = createServer(async (request, response) => {
    const body = (await readBody(request, LIMIT_BYTES)) ?? Buffer.alloc(0);
    const failure = failing.of(String(request.headers['x-amz-target'] ?? ''));
    const headers = Object.fromEntries(
      PASSED_HEADERS.flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
    const answer = failure
      ? failureAnswer(failure)
      : await fetch(`${emulator}${request.url ?? '/'}`, {
          method: 'POST',
          headers,
          body: new Uint8Array(body),
        });
    const text = answer instanceof Response ? await answer.text() : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': randomUUID(),
    });
    response.end(text);
  });
  const port = await listen(server, 0);
  return { url: `http://127.0.0.1:${port}`, failing, close: () => closeServer(server) };
}
