import { expect, it } from 'vitest';
import { type Report, verdictOf } from './run-tests.ts';

const test = (status: string, ...failureMessages: string[]) => ({ fullName: 'x', status, failureMessages });
const file = (...assertionResults: ReturnType<typeof test>[]) => ({
  name: 'a.test.ts',
  message: '',
  assertionResults,
});
const aReport = (...testResults: Report['testResults']): Report => ({ success: false, testResults });

it('counts a mutant as noticed when an assertion fails', () => {
  const report = aReport(
    file(test('passed'), test('failed', 'AssertionError: expected 1 to be 2\n    at x')),
  );
  expect(verdictOf(report)).toEqual({ kind: 'NOTICED', test: 'x', failed: 1 });
});

it('does not count a mutant as noticed when all tests pass', () => {
  expect(verdictOf({ success: true, testResults: [file(test('passed'), test('passed'))] })).toEqual({
    kind: 'PASSED',
    tests: 2,
  });
});

it.each<[string, Report]>([
  [
    'a file that cannot be loaded',
    aReport({ ...file(), message: 'SyntaxError: no' }, file(test('failed', 'AssertionError: x'))),
  ],
  ['a test that throws', aReport(file(test('failed', 'TypeError: x is not a function')))],
  ['a test that is too slow', aReport(file(test('failed', 'Error: Test timed out in 60000ms.')))],
  ['a run without a test', { success: true, testResults: [] }],
])('takes this for no proof: %s', (_, report) => {
  expect(verdictOf(report).kind).toBe('BROKEN');
});
