import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';

const root = new URL('../../', import.meta.url);

it.each(MUTANTS)('$name: its text stands once in $file', ({ file, find, replace }) => {
  const source = readFileSync(new URL(file, root), 'utf8');

  expect(source.split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
});
