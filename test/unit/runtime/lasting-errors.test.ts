import { expect, it } from 'vitest';
import * as z from 'zod';
import { OaError } from '../../../shared/external/errors.ts';
import { FeishuError } from '../../../shared/feishu/errors.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { isLasting } from '../../../shared/runtime/lasting-errors.ts';

const unreadable = z.object({ a: z.string() }).safeParse({}).error;
const ofTheSdk = Object.assign(new TypeError('Expected string'), { $response: {} });

it.each<[string, unknown, boolean]>([
  ['a body that is no hint', new AppError('BAD_HINT', 'x'), true],
  ['a stored item that cannot be read', unreadable, true],
  ['a bug', new TypeError('x is not a function'), true],
  ['a final refusal', new FeishuError('REFUSED', 'x'), true],
  ['a busy database', new AppError('STORE_UNAVAILABLE', 'x', { retryable: true }), false],
  ['a missing right', new AppError('RIGHT_MISSING', 'x', { retryable: true }), false],
  ['a set-up that a person can fix', new FeishuError('SETUP', 'x'), false],
  ['a node that a person can save again', new OaError('SETUP', 'x'), false],
  ['a secret that a person can correct', new AppError('SECRET_INVALID', 'x'), false],
  ['a host that cannot be reached', new TypeError('fetch failed', { cause: new Error('x') }), false],
  ['an answer that the SDK cannot read', ofTheSdk, false],
  ['a lost connection', new Error('socket hang up'), false],
  ['something that is no error', 'x', false],
])('%s: lasting is %3$s', (_, error, expected) => {
  expect(isLasting(error)).toBe(expected);
});
