import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The lessons that must have a test with their number in its name. */
const ROWS = [...Array.from({ length: 51 }, (_, index) => index + 1), 53];

const here = new URL('../../..', import.meta.url);
const sources = globSync('test/**/*.test.ts', { cwd: here }).map((file) =>
  readFileSync(new URL(file, here), 'utf8'),
);

const isComment = (line: string): boolean => /^\s*(?:\/\/|\/?\*)/.test(line);

/**
 * Returns the numbers of citations such as `docs/lessons.md 5, 6 and 7` in the names of tests and groups.
 */
function rowsNamedIn(source: string): number[] {
  const code = source
    .split('\n')
    .filter((line) => !isComment(line))
    .join('\n');
  const found = code.matchAll(/docs\/lessons\.md (\d{1,2}(?!\d)(?:(?:, | and )\d{1,2}(?!\d))*)/g);
  return [...found].flatMap(([, rows = '']) => rows.match(/\d+/g) ?? []).map(Number);
}

it('the check finds one lesson, several lessons, and none in a comment', () => {
  const source =
    "it('a (docs/lessons.md 3, 500 times)')\nit('docs/lessons.md 4, 5 and 16: b')\n// docs/lessons.md 7\n * docs/lessons.md 8";
  expect(rowsNamedIn(source)).toEqual([3, 4, 5, 16]);
});

it('no test is disabled', () => {
  const off = sources.filter((source) => /^\s*(?:it|test|describe)\.(?:skip|todo|only)\b/m.test(source));
  expect(off).toEqual([]);
});

it('each lesson has a test with its number, and no other number is used', () => {
  // The examples of this file do not count.
  const named = new Set(sources.filter((source) => !source.includes('rowsNamedIn')).flatMap(rowsNamedIn));
  expect([...named].sort((a, b) => a - b)).toEqual(ROWS);
});
