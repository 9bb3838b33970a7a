import { expect, it } from 'vitest';
import { SCENARIOS } from './scenarios.ts';

/** Twenty minutes of waiting at a small limit stands for ten thousand issues, which `npm run crowd` plays. */
const CROWD = { issues: 200, perMinute: 10, workers: 5 };

it.each([
  ['send', 'issues at once are sent once each at the pace of the limit, newcomers and taps in between'],
  ['disable', 'open cards are withdrawn at the pace of the limit when all is switched off, taps in between'],
  ['reassign', 'issues reassigned at once are sent anew at the pace of the limit, and no old tap is applied'],
  ['overload', 'of more issues than the limit allows the oldest are sent first'],
] as const)('docs/lessons.md 37: %s: %s', { timeout: 900_000 }, async (name, _what) => {
  const { figures, broken } = await SCENARIOS[name](CROWD);

  console.log(`${name}: ${figures.map((figure) => figure.join(' ')).join(', ')}`);
  expect(broken).toEqual([]);
});

const SHORT_CROWD = { issues: 300, perMinute: 100 };

it('names the taps that one worker leaves waiting', { timeout: 120_000 }, async () => {
  const { broken } = await SCENARIOS.send({ ...SHORT_CROWD, workers: 1 });

  expect(broken).toContainEqual(
    expect.stringMatching(/^Of the taps after the first rush one in twenty took/),
  );
  expect(broken).toContainEqual(expect.stringMatching(/^The first rush took .*; 90\.0 s are allowed\.$/));
});

it('finds nothing broken when five workers serve the same crowd', { timeout: 120_000 }, async () => {
  const { broken } = await SCENARIOS.send({ ...SHORT_CROWD, workers: 5 });

  expect(broken).toEqual([]);
});
