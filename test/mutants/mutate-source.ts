import { resolve } from 'node:path';
import type { Plugin } from 'vitest/config';
import { TESTED_MUTANTS } from './registry.ts';
import { mutate } from './tested-mutant.ts';

/**
 * Gives the tests one source with a mutant in it; nothing on the disk changes. Throws if there is no such mutant.
 * @param name of a mutant; undefined or empty: the sources stay as they are
 */
export function mutateSource(name: string | undefined): Plugin[] {
  if (!name) return [];
  const mutant = TESTED_MUTANTS.find((one) => one.name === name);
  if (!mutant) throw new Error(`There is no mutant "${name}".`);
  const path = resolve(import.meta.dirname, '../..', mutant.file);
  return [
    {
      name: 'mutate-source',
      enforce: 'pre',
      // The cache does not tell one mutant from another: it would give the next run this one's source.
      config: () => ({ test: { fsModuleCache: false } }),
      transform: (source, id) => (id.split('?')[0] === path ? mutate(source, mutant) : undefined),
    },
  ];
}
