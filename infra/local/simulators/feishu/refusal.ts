import type * as z from 'zod';

/** A call that Feishu refuses: HTTP status, Feishu's code, and the content of `error` beside the log id. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly details: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: number,
    message: string,
    more: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.details = more.details ?? {};
    this.headers = more.headers ?? {};
  }
}

/** 1390001: a parameter of the approval API is invalid (docs/feishu.md 8). */
export const invalidParameter = (message: string) =>
  new Refusal(400, 1390001, `param is invalid: ${message}`);
export const definitionNotFound = () => new Refusal(400, 1390002, 'approval code not found');
export const instanceNotFound = () => new Refusal(400, 1390003, 'instance code not found');
export const userNotFound = (field: string) => new Refusal(400, 1390004, `user id not found: ${field}`);
export const noPermission = (message: string) =>
  new Refusal(403, 1390009, `no operation permission: ${message}`);

/** Parses the input of a caller, or refuses it and names the first invalid field. */
export function parseOrRefuse<T>(
  schema: z.ZodType<T>,
  value: unknown,
  refuse: (message: string) => Refusal,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  throw refuse(`${path === '' ? 'body' : path}: ${issue?.message ?? 'invalid'}`);
}

/** Parses JSON inside a string field, such as `form` and `content`. */
export function parseJsonString(text: string, refuse: () => Refusal): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse();
  }
}
