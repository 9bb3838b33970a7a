import { expect, test } from 'vitest';
import { classifyAnswer, isParameterRefusal } from '../../../shared/feishu/classify-error.ts';
import type { FeishuErrorCode } from '../../../shared/feishu/errors.ts';
import type { FeishuAnswer } from '../../../shared/feishu/http-instance.ts';

const anAnswer = (changes: Partial<FeishuAnswer> = {}): FeishuAnswer => ({
  httpStatus: 400,
  retryAfterSeconds: undefined,
  logId: undefined,
  body: { code: 0, msg: 'success' },
  ...changes,
});

/** Each code of docs/feishu.md 6.1 and 8. */
const table: Record<FeishuErrorCode, number[]> = {
  SETUP: [
    10003, 10005, 10012, 10013, 10014, 10015, 20002, 99991661, 99991663, 99991664, 99991665, 99991668,
    99991671, 99991677, 99991679, 99991662, 99991673, 212100, 99991401, 99991403, 99991201, 99991301,
    99991672, 230006, 11205, 11240, 41050, 1390002, 60002, 1390013, 1390014, 1390015, 1390016, 1390018, 60009,
    60011, 60013,
  ],
  REFUSED: [
    1390001, 60001, 40001, 99992353, 99992402, 60006, 1390003, 60003, 1390004, 60004, 60005, 99992351,
    99992360, 99992361, 1390007, 60007, 60008, 1390009, 1390010, 60010, 230001, 230002, 230013, 230022,
    230025, 230027, 230028, 230029, 230034, 230035, 230053, 230099,
  ],
  UUID_CONFLICT: [60012],
  UNAVAILABLE: [230049, 60014, 2200, 5000, 55001, 65001, 1395001],
  RATE_LIMITED: [99991400, 230020],
};
const cases = Object.entries(table).flatMap(([expected, codes]) => codes.map((code) => ({ code, expected })));

test.each(cases)(
  '$code is $expected, whatever the HTTP status (docs/lessons.md 26)',
  ({ code, expected }) => {
    for (const httpStatus of [200, 400, 403, 429, 500]) {
      expect(classifyAnswer(anAnswer({ httpStatus, body: { code, msg: 'x' } }))).toMatchObject({
        code: expected,
        feishuCode: code,
        httpStatus,
      });
    }
  },
);

test.each([
  [400, 'REFUSED'],
  [200, 'REFUSED'],
  [500, 'UNAVAILABLE'],
  [429, 'RATE_LIMITED'],
] as const)('an unknown code with HTTP %i is %s', (httpStatus, expected) => {
  expect(classifyAnswer(anAnswer({ httpStatus, body: { code: 777, msg: 'x' } }))?.code).toBe(expected);
});

test.each([
  [502, 'UNAVAILABLE'],
  [200, 'UNAVAILABLE'],
  [429, 'RATE_LIMITED'],
  [403, 'SETUP'],
] as const)('no JSON with HTTP %i is %s (docs/lessons.md 26)', (httpStatus, expected) => {
  expect(classifyAnswer(anAnswer({ httpStatus, body: undefined }))?.code).toBe(expected);
});

test('code 0 is success', () => {
  expect(classifyAnswer(anAnswer({ httpStatus: 200 }))).toBeUndefined();
});

test('a missing permission names the scopes that Feishu names, and nothing else of its text', () => {
  const error = classifyAnswer(
    anAnswer({
      body: {
        code: 99991672,
        msg: 'Access denied. One of the following scopes is required: [approval:approval, contact:user.id:readonly]. SELECT 1',
        error: { permission_violations: [{ type: 'action', subject: 'approval:approval:readonly' }] },
      },
    }),
  );
  expect(error?.message).toBe(
    'The app lacks a permission. Any one of these is enough: approval:approval:readonly, approval:approval, contact:user.id:readonly. Add it in the developer console and publish a version of the app. (Feishu code 99991672)',
  );
});

test('a rate limit has its wait, or half a minute if Feishu names none', () => {
  const limit = { body: { code: 99991400, msg: 'x' }, httpStatus: 429 };
  expect(classifyAnswer(anAnswer({ ...limit, retryAfterSeconds: 12 }))?.retryAfterSeconds).toBe(12);
  expect(classifyAnswer(anAnswer(limit))?.retryAfterSeconds).toBe(30);
});

test('413 without a code of Feishu is REFUSED for the size, not SETUP', () => {
  const error = classifyAnswer(anAnswer({ httpStatus: 413, body: undefined }));
  expect(error).toMatchObject({ code: 'REFUSED', httpStatus: 413 });
  expect(error?.message).toMatch(/too large/);
});

/** ADR 13: the codes after which another form of the same request may be accepted. */
const PARAMETERS = [1390001, 60001, 60006, 40001, 99992353, 99992402];

test.each(cases)('whether another form helps after $code', ({ code }) => {
  const error = classifyAnswer(anAnswer({ body: { code, msg: 'x' } }));
  expect(error && isParameterRefusal(error)).toBe(PARAMETERS.includes(code));
});

test.each([
  ['413', anAnswer({ httpStatus: 413, body: undefined }), true],
  ['413 with a code that we do not know', anAnswer({ httpStatus: 413, body: { code: 777, msg: 'x' } }), true],
  ['400 with a code that we do not know', anAnswer({ body: { code: 777, msg: 'x' } }), false],
  ['429', anAnswer({ httpStatus: 429, body: undefined }), false],
])('whether another form helps after HTTP %s', (_, answer, expected) => {
  const error = classifyAnswer(answer);
  expect(error && isParameterRefusal(error)).toBe(expected);
});
