import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as z from 'zod';
import { AppError } from './errors.ts';
import { safeParse } from './safe-parse.ts';

export const MAX_BODY_BYTES = 256 * 1024;

export const answerJson = (statusCode: number, body: object): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});

/**
 * Parses a JSON body. Throws `TOO_LARGE` if it has more than 256 KiB (decoded). Throws `BAD_REQUEST` if it is invalid;
 * the message names the path and the rule, never a value.
 */
export function parseBody<S extends z.ZodType>(
  event: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>,
  schema: S,
): z.infer<S> {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.byteLength > MAX_BODY_BYTES) throw new AppError('TOO_LARGE', 'The body is larger than 256 KiB.');
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new AppError('BAD_REQUEST', 'The body is not JSON.');
  }
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the body'}: ${issue.message}`,
  );
  throw new AppError('BAD_REQUEST', problems.join('; '));
}

const STATUS: Record<string, number> = {
  BAD_REQUEST: 400,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_SET_UP: 409,
  DISABLED: 409,
  TOO_LARGE: 413,
  // Final refusals of Feishu. Their messages are ours and repeat nothing that Feishu said.
  SETUP: 422,
  REFUSED: 422,
  ENDPOINT_REFUSED: 422,
  SECRET_MISSING: 500,
  SECRET_INVALID: 500,
};

/** Returns the HTTP response to an error. An error that is not an AppError is 500, without details. */
export function answerError(error: unknown): APIGatewayProxyStructuredResultV2 {
  if (error instanceof AppError) {
    const { code, message } = error;
    const status = STATUS[code];
    if (status !== undefined) return answerJson(status, { code, message });
    if (error.retryable) return answerJson(503, { code: 'UNAVAILABLE', message });
  }
  return answerJson(500, { code: 'INTERNAL', message: 'Internal error.' });
}
