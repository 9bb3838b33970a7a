import { defineConfig } from 'vitest/config';
import { mutateSource } from './test/mutants/mutate-source.ts';
import { MUTANT_VARIABLE } from './test/mutants/tested-mutant.ts';
import { DEEP, EVERY_TEST, ISOLATED, ON_BOTH_DATABASES, ON_ONE_DATABASE, UNIT } from './test/tiers.ts';

if (Number(process.versions.node.split('.')[0]) < 22) {
  throw new Error(
    'Run the tests with "npm test": it uses the Node 24 of this package, vitest needs 22 or newer.',
  );
}

const deep = Object.keys(DEEP);

export default defineConfig({
  // `npm run mutants` alone sets it.
  plugins: mutateSource(process.env[MUTANT_VARIABLE]),
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Everything that a run prints is scanned for secrets and SQL when it ends (test/support/log-scan.ts).
    setupFiles: ['test/support/log-scan-setup.ts'],
    globalSetup: ['test/support/log-scan-run.ts'],
    teardownTimeout: 60_000,
    // `npm run coverage`.
    coverage: {
      provider: 'v8',
      include: ['functions/**/*.ts', 'shared/**/*.ts', 'infra/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
    },
    // Which file is in which project: test/tiers.ts.
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: [UNIT], exclude: [...deep, ...ISOLATED], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: [EVERY_TEST],
          exclude: [UNIT, ...deep, ...ISOLATED],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'isolated', include: [...ISOLATED], exclude: deep } },
      { extends: true, test: { name: 'deep', include: deep } },
      {
        extends: true,
        test: {
          name: 'dynamodb-local',
          include: [...ON_BOTH_DATABASES],
          exclude: [...ON_ONE_DATABASE],
          isolate: false,
          env: { TEST_DATABASE: 'dynamodb-local' },
        },
      },
    ],
  },
});
