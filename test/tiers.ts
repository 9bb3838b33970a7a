/**
 * Which test file runs when. `npm test` runs every file except those of DEEP; `npm run test:deep` runs the rest.
 * docs/testing.md says what each tier proves; test/integration/tiers.test.ts checks that no file is left out.
 * All names are globs, from the root of the project.
 */

export const EVERY_TEST = 'test/**/*.test.ts';
/** `npm run test:unit`. */
export const UNIT = 'test/unit/**/*.test.ts';

const HOSTILE = 'thousands of random inputs';
const CRASHES = 'every crash point; crash-points.test.ts plays four scenarios';
const STACK = 'starts the local stack; cli/external.test.ts and e2e/approve-by-a-click.test.ts do so, too';
const LONG = 'plays hours of many issues';

/** Files that only the deep tier runs, and why `npm test` does without them. */
export const DEEP: Record<string, string> = {
  'test/crowd/crowd.test.ts': LONG,
  'test/drills/{drills,quiet-times}.test.ts':
    'plays every alarm, and two days without one, on a stack of real functions',
  'test/e2e/pass-the-oa.test.ts': 'a second browser story',
  'test/e2e/reading-order.test.ts': 'draws every kind of card in a browser',
  'test/explore/{explore,rules}.test.ts': 'visits every state of a small world',
  'test/integration/approval/many-rounds.test.ts':
    'counts the reads and writes of issues with hundreds of rounds',
  'test/integration/cli/dead-letters.test.ts': 'starts a queue and a bucket for each test',
  'test/integration/cli/launcher.test.ts': 'starts the command line as a process for each test',
  'test/integration/cli/set-up.test.ts': STACK,
  'test/integration/docs/example-oa.test.ts': STACK,
  'test/integration/local/{bad-starts,bench-stack,demo,lifecycle,not-enabled,npm-start}.test.ts': STACK,
  'test/integration/local/{java-class,loopback}.test.ts': 'compiles Java, or starts every server once more',
  'test/integration/store/{differential,dynamodb-local}.test.ts': 'the store suite on DynamoDB Local',
  'test/integration/webhook/hostile/**/*.test.ts': HOSTILE,
  'test/simulation/crash-points-*.test.ts': CRASHES,
  'test/simulation/mutants.test.ts': 'plays a story for each mutant, twice',
  'test/simulation/rate-limits.test.ts': LONG,
  'test/simulation/simulation-long.test.ts': '300 stories; simulation.test.ts plays 40',
  'test/unit/card-reader/card-reader.test.ts': HOSTILE,
  'test/unit/external/hostile.property.test.ts': HOSTILE,
  'test/unit/hostile/**/*.test.ts': HOSTILE,
  'test/unit/log-scan/log-scan-run.test.ts': 'runs vitest five times',
};

/**
 * Files that `npm test` runs in a process of their own, because they start processes, set the environment, or replace
 * modules. The others share loaded modules, which saves a second of each file.
 */
export const ISOLATED: readonly string[] = [
  'test/{crowd,drills,e2e,explore,mutants,simulation,third-channel}/**/*.test.ts',
  'test/infra/{assets,dependencies}.test.ts',
  'test/integration/{cli,docs,external,local,publish-approval-events,reconcile-issues,watch-issues,webhook}/**/*.test.ts',
  'test/integration/settings/handler.test.ts',
  'test/integration/support/*.test.ts',
  'test/integration/tiers.test.ts',
  'test/unit/feishu/form-changes-work.test.ts',
];

/** Run on the database in memory by `npm test`, and again on DynamoDB Local by the deep tier. */
export const ON_BOTH_DATABASES: readonly string[] = [
  'test/integration/approval/**/*.test.ts',
  'test/integration/settings/**/*.test.ts',
  'test/integration/local/own-definition.test.ts',
];

/** Of those, the files that choose their database themselves. */
export const ON_ONE_DATABASE: readonly string[] = [
  'test/integration/approval/many-rounds.test.ts',
  'test/integration/settings/handler.test.ts',
];
