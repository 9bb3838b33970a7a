import * as z from 'zod';
import { Refusal } from './refusal.ts';

/** Undocumented behaviour with instances, settable at the start, at run time and over HTTP. */

/** Possible answers to a create that is too large; codes come with HTTP 400. */
const TOO_LARGE_ANSWERS = [1390001, 60001, 60006, 40001, 99992353, 99992402, 1395001, 'HTTP_413'] as const;

/** A create whose HTTP body has more than `bytes` bytes is refused. */
export const createLimitSchema = z.strictObject({
  bytes: z.int().min(0),
  answer: z.literal(TOO_LARGE_ANSWERS),
});
export type CreateLimit = z.infer<typeof createLimitSchema>;

/** AS_IN_2022: without `instance_code` and `comment_list`, and with `uuid: ""` (docs/feishu.md 3.2, recorded). */
export const INSTANCE_SHAPES = ['PRESENT', 'AS_IN_2022'] as const;

/** AN_INSTANCE: one event of another instance, in envelope 2.0, that names the revoked one (docs/feishu.md 4.2a). */
export const REVOCATION_SHAPES = ['EVENTS', 'AN_INSTANCE'] as const;

export interface InstanceSwitches {
  createLimit?: CreateLimit | undefined;
  /** An instance with an i18n key as the value of a widget is refused; its title may still be one. */
  keysRefused: boolean;
  instancesShownAs: (typeof INSTANCE_SHAPES)[number];
  revocationsSentAs: (typeof REVOCATION_SHAPES)[number];
}

export const instanceSwitchesOff = () =>
  ({
    createLimit: undefined,
    keysRefused: false,
    instancesShownAs: 'PRESENT',
    revocationsSentAs: 'EVENTS',
  }) as const satisfies InstanceSwitches;

/** Whether a proxy in front of the platform refuses the request, before any other check. */
export const isTooLargeForProxy = (limit: CreateLimit | undefined, body: string): boolean =>
  limit?.answer === 'HTTP_413' && isOver(limit, body);

/** Refuses a request that is too large with a parameter error. */
export function requireSize(limit: CreateLimit | undefined, body: string): void {
  if (limit === undefined || limit.answer === 'HTTP_413' || !isOver(limit, body)) return;
  const message = limit.answer === 1395001 ? 'server error' : 'param is invalid: request body';
  throw new Refusal(400, limit.answer, message);
}

const isOver = ({ bytes }: CreateLimit, body: string) => Buffer.byteLength(body) > bytes;
