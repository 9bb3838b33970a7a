import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');

describe('infra/local', () => {
  it('imports only the handlers and the table definitions of the product', async () => {
    const entryPoints = globSync('infra/local/**/*.ts', { cwd: ROOT });
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      splitting: true,
      outdir: 'nowhere',
      write: false,
      metafile: true,
    });
    const imported = Object.entries(metafile.inputs)
      .filter(([file]) => file.startsWith('infra/local/'))
      .flatMap(([, { imports }]) => imports.map(({ path }) => path))
      .filter((path) => /^(functions|shared|test|infra\/(?!local\/))/.test(path));
    const allowed =
      /^(infra\/(command-problem|exit-codes)\.ts|functions\/[^/]+\/handler\.ts|shared\/tables\/table-definitions\.ts)$/;
    expect(imported.filter((path) => !allowed.test(path))).toEqual([]);
    expect(new Set(imported).size).toBe(9);
  });
});
