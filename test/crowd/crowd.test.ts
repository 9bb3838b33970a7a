import { expect, it } from 'vitest';
import { SCENARIOS } from './scenarios.ts';

/** Twenty minutes of waiting at a small limit stands for ten thousand issues, which `npm run crowd` plays. */
const CROWD = { issues: 200, perMinute: 10, workers: 5 };

it.each([
  ['send', 'issues at once are sent once each at the pace of the limit, newcomers and taps in between'],
  ['disable', 'open cards are withdrawn at the pace of the limit when all is switched off, taps in between'],
  ['reassign', 'issues reassigned at once are sent anew at the pace of the limit, and no old tap is applied'],
  ['overload', 'of more issues than the limit allows the oldest are sent first'],
] as const)('LESSONS row 37: %s: %s', { timeout: 900_000 }, async (name, _what) => {
  const { figures, broken } = await SCENARIOS[name](CROWD);

  console.log(`${name}: ${figures.map((figure) => figure.join(' ')).join(', ')}`);
  expect(broken).toEqual([]);
});
