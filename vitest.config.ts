import { defineConfig } from 'vitest/config';
import { mutateSource } from './test/mutants/mutate-source.ts';
import { MUTANT_VARIABLE } from './test/mutants/tested-mutant.ts';

if (Number(process.versions.node.split('.')[0]) < 22) {
  throw new Error(
    'Run the tests with "npm test": it uses the Node 24 of this package, vitest needs 22 or newer.',
  );
}

export default defineConfig({
  // `npm run mutants` alone sets it.
  plugins: mutateSource(process.env[MUTANT_VARIABLE]),
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Everything that a run prints is scanned for secrets and SQL when it ends (test/support/log-scan.ts).
    setupFiles: ['test/support/log-scan-setup.ts'],
    globalSetup: ['test/support/log-scan-run.ts'],
    teardownTimeout: 60_000,
  },
});
