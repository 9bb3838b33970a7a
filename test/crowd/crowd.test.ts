import { expect, it } from 'vitest';
import { SCENARIOS } from './scenarios.ts';

/** A small crowd at a small limit, which waits for 20 minutes. `npm run crowd` runs 10,000 issues. */
const CROWD = { issues: 200, perMinute: 10, workers: 5 };

it.each([
  ['send', 'sends each of many issues once, as fast as the limit allows, with newcomers and taps in between'],
  [
    'disable',
    'withdraws all open cards, as fast as the limit allows, when approvals are disabled, with taps in between',
  ],
  [
    'reassign',
    'sends reassigned issues again, as fast as the limit allows, and applies no tap of an old approver',
  ],
  ['overload', 'sends the oldest issues first when there are more than the limit allows'],
] as const)('docs/lessons.md 37: %s: %s', { timeout: 900_000 }, async (name, _what) => {
  const { figures, broken } = await SCENARIOS[name](CROWD);

  console.log(`${name}: ${figures.map((figure) => figure.join(' ')).join(', ')}`);
  expect(broken).toEqual([]);
});

const SHORT_CROWD = { issues: 300, perMinute: 100 };

it('reports the taps that have to wait for a single worker', { timeout: 120_000 }, async () => {
  const { broken } = await SCENARIOS.send({ ...SHORT_CROWD, workers: 1 });

  expect(broken).toContainEqual(expect.stringMatching(/^After the first rush, 5 % of the taps took/));
  expect(broken).toContainEqual(expect.stringMatching(/^The first rush took .*; the limit is 90\.0 s\.$/));
});

it('reports nothing when five workers serve the same crowd', { timeout: 120_000 }, async () => {
  const { broken } = await SCENARIOS.send({ ...SHORT_CROWD, workers: 5 });

  expect(broken).toEqual([]);
});
