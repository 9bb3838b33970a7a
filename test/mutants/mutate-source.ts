import { resolve } from 'node:path';
import type { Plugin } from 'vitest/config';
import { TESTED_MUTANTS } from './registry.ts';
import { mutate } from './tested-mutant.ts';

/**
 * Returns a plugin that puts a mutant into its source file while the tests load it. No file on disk changes.
 * @param name the mutant; if undefined or empty, nothing is changed
 * @throws if no mutant has this name
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
      // The cache would give the source with this mutant to the next run, which has another mutant.
      config: () => ({ test: { fsModuleCache: false } }),
      transform: (source, id) => (id.split('?')[0] === path ? mutate(source, mutant) : undefined),
    },
  ];
}
