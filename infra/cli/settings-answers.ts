import * as z from 'zod';
import { CommandProblem } from '../command-problem.ts';
import { EXIT } from '../exit-codes.ts';
import { outOfReach } from './problem.ts';

/** Reads the answers of the settings API (docs/contract.md 4). */

export interface Answer {
  status: number;
  body: unknown;
}

/** The name is any text: a newer stack may have more checks. */
export const checkSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  detail: z.string(),
  fix: z.string().optional(),
});
export type Check = z.infer<typeof checkSchema>;

const refusalSchema = z.object({
  code: z.string().optional(),
  message: z.string().optional(),
  checks: z.array(checkSchema).optional(),
  approvalCode: z.string().optional(),
});

export interface Refused {
  kind: 'REFUSED';
  code: string | undefined;
  message: string | undefined;
  checks: Check[];
  /** The definition that was created or overwritten although the request was refused. */
  approvalCode: string | undefined;
}

export function readRefusal({ body }: Answer): Refused {
  const { code, message, checks = [], approvalCode } = refusalSchema.safeParse(body).data ?? {};
  return { kind: 'REFUSED', code, message, checks, approvalCode };
}

/** Returns the body of a successful answer. Throws a CommandProblem for every other answer. */
export function parseAnswer<S extends z.ZodType>(schema: S, answer: Answer, where: string): z.output<S> {
  const { status } = answer;
  const { code, message } = readRefusal(answer);
  if (status === 400) {
    throw new CommandProblem(
      EXIT.badInput,
      code ?? 'BAD_REQUEST',
      message ?? 'The settings API refuses this input.',
    );
  }
  if (status === 401 || status === 403) {
    throw outOfReach(
      'ACCESS_DENIED',
      `The settings API of ${where} refuses these credentials (${status}): they need execute-api:Invoke on it.`,
    );
  }
  if (status === 404 || status === 405) {
    throw outOfReach(
      code ?? 'NOT_FOUND',
      `The settings API of ${where} does not support this (${status}): deploy the current version.`,
    );
  }
  if (status >= 400) {
    const own = code !== undefined && message !== undefined;
    const said = own ? message : `The settings API of ${where} answers ${status}.`;
    throw outOfReach(code ?? 'UNAVAILABLE', `${said} Try again in a minute.`);
  }
  const good = schema.safeParse(answer.body);
  if (good.success) return good.data;
  throw outOfReach(
    'UNKNOWN_ANSWER',
    `The settings API of ${where} returned an unknown answer: deploy the current version.`,
  );
}
