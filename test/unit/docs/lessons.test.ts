import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What has gone wrong in systems like this one: each of these rows is a test that says its number in its name. */
const ROWS = [...Array.from({ length: 43 }, (_, index) => index + 1), 45, 46, 47, 48, 49, 50, 51];

const here = new URL('../../..', import.meta.url);
const sources = globSync('test/**/*.test.ts', { cwd: here }).map((file) =>
  readFileSync(new URL(file, here), 'utf8'),
);

const isComment = (line: string): boolean => /^\s*(?:\/\/|\/?\*)/.test(line);

/**
 * The numbers in `docs/lessons.md 5`, `docs/lessons.md 5, 6 and 7`, if they stand in the name of a test or of a group.
 */
function rowsNamedIn(source: string): number[] {
  const code = source
    .split('\n')
    .filter((line) => !isComment(line))
    .join('\n');
  const found = code.matchAll(/docs\/lessons\.md (\d{1,2}(?!\d)(?:(?:, | and )\d{1,2}(?!\d))*)/g);
  return [...found].flatMap(([, rows = '']) => rows.match(/\d+/g) ?? []).map(Number);
}

it('reads a row, several rows, and none from a comment', () => {
  const source =
    "it('a (docs/lessons.md 3, 500 times)')\nit('docs/lessons.md 4, 5 and 16: b')\n// docs/lessons.md 7\n * docs/lessons.md 8";
  expect(rowsNamedIn(source)).toEqual([3, 4, 5, 16]);
});

it('no test is switched off', () => {
  const off = sources.filter((source) => /^\s*(?:it|test|describe)\.(?:skip|todo|only)\b/m.test(source));
  expect(off).toEqual([]);
});

it('each of the rows of the lessons is a test with its number, and there is no other', () => {
  // This file's own examples count for nothing.
  const named = new Set(sources.filter((source) => !source.includes('rowsNamedIn')).flatMap(rowsNamedIn));
  expect([...named].sort((a, b) => a - b)).toEqual(ROWS);
});
