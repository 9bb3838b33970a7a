import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from '../simulation/mutants.ts';
import { TESTED_MUTANTS } from './registry.ts';
import { mutate } from './tested-mutant.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ALL = [...TESTED_MUTANTS, ...MUTANTS];

it('has a different name for each mutant', () => {
  const names = ALL.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

describe.each(ALL)('mutant: $name', (mutant) => {
  it('finds its text exactly once in its file, and compiles', () => {
    const source = readFileSync(resolve(ROOT, mutant.file), 'utf8');
    const mutated = mutate(source, mutant);
    expect(mutated).not.toBe(source);
    expect(() => transformSync(mutated, { loader: 'ts' })).not.toThrow();
  });
});

it.each(TESTED_MUTANTS)('names only test files that exist: $name', ({ noticedBy }) => {
  expect(noticedBy.filter((path) => !existsSync(resolve(ROOT, path)) || !path.endsWith('.test.ts'))).toEqual(
    [],
  );
});
