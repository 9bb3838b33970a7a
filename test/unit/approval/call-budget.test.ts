import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lookAgainSeconds, schedule } from '../../../shared/approval/plan/schedule.ts';
import { anIssue } from '../../support/issue.ts';
import { aRoundOf } from '../../support/round.ts';

/**
 * What an approval costs of the monthly quota of calls (docs/feishu.md 8), whose size changes. A create, a look, a
 * cancel and a comment are one call each; people, tokens and what Feishu refuses do not count.
 */

const DAY = 24 * 60 * 60_000;
const MONTH = 30;
/** One create and one look. */
const APPROVED_AT_ONCE = 2;
/** A look, a cancel, a look and a comment, after the create; the request that follows it counts for itself. */
const WITHDRAWN = 5;

/** Looks at a card that nobody touches, in so many days after it was sent. */
function looksWithin(days: number): number {
  const sentAt = Date.parse('2026-03-01T08:00:00.000Z');
  let round = schedule(aRoundOf(anIssue(), { looks: 0 }), new Date(sentAt));
  let looks = 0;
  for (;;) {
    const at = Date.parse(round.checkAfter ?? '');
    if (at - sentAt > days * DAY) return looks;
    looks += 1;
    round = schedule({ ...round, looks }, new Date(at));
  }
}

describe('calls of Feishu', () => {
  it.each([
    [1, 5],
    [3, 9],
    [7, 17],
    [30, 63],
  ])('a card that pends %d days is looked at %d times', (days, looks) => {
    expect(looksWithin(days)).toBe(looks);
  });

  it('a card that pends for ever costs two looks a day', () => {
    expect(looksWithin(60) - looksWithin(30)).toBe(2 * 30);
  });

  it('an event that runs ahead of GET costs three looks more at most', () => {
    expect([0, 1, 2, 3].map(lookAgainSeconds)).toEqual([2, 10, 60, undefined]);
  });

  const calls = [
    // Tapped within ten minutes.
    700 * APPROVED_AT_ONCE,
    // Within a day: the looks in between, too.
    200 * (APPROVED_AT_ONCE + looksWithin(1)),
    // After a weekend.
    60 * (APPROVED_AT_ONCE + looksWithin(3)),
    // Changed once before the tap.
    35 * (WITHDRAWN + APPROVED_AT_ONCE),
    // Forgotten.
    5 * (APPROVED_AT_ONCE + looksWithin(MONTH)),
  ];
  const sum = calls.reduce((total, each) => total + each);

  it('1,000 requests a month, as a team makes them, cost about four calls each', () => {
    expect(calls).toEqual([1_400, 1_400, 660, 245, 325]);
    expect(sum).toBe(4_030);
  });

  describe('docs/operate.md gives the same numbers', () => {
    const page = readFileSync(new URL('../../../docs/operate.md', import.meta.url), 'utf8');
    const section = page.split('\n## How often Feishu is called\n')[1]?.split('\n## ')[0] ?? '';

    it('for the looks at a pending card', () => {
      const rows = [...section.matchAll(/^\|.* (\d+) days? \| 2 and up to (\d+) looks/gm)];
      expect(rows.map(([, days, looks]) => [Number(days), Number(looks)])).toEqual(
        [1, 3, 7, 30].map((days) => [days, looksWithin(days)]),
      );
    });

    it('for a card that is tapped at once, and for one that is withdrawn', () => {
      expect(section).toMatch(
        new RegExp(`^\\| tapped within ten minutes.*\\| ${APPROVED_AT_ONCE} \\|$`, 'm'),
      );
      expect(section).toMatch(new RegExp(`^\\| withdrawn.*\\| ${WITHDRAWN} \\|$`, 'm'));
    });

    it('for the example, and for what fits the quota of the reader', () => {
      for (const each of [...calls, sum]) expect(section).toContain(each.toLocaleString('en-US'));
      const fits = [...section.matchAll(/\| (\d+) × \*N\* \| \*N\* ≤ \*Q\* ÷ (\d+) \|/g)];
      const each = [Math.round(sum / 1_000), APPROVED_AT_ONCE, APPROVED_AT_ONCE + looksWithin(MONTH)];
      expect(fits.map(([, cost, part]) => [Number(cost), Number(part)])).toEqual(
        each.map((cost) => [cost, cost]),
      );
    });

    it('and no number for the quota, because Feishu changes it', () => {
      expect(section).not.toMatch(/10,000|50,000|million/);
    });
  });
});
