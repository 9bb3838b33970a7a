import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lookAgainSeconds, schedule } from '../../../shared/approval/plan/schedule.ts';
import { anIssue } from '../../support/issue.ts';
import { aRoundOf } from '../../support/round.ts';

/**
 * How many calls of the monthly quota (docs/feishu.md 8) an approval costs. A create, a look, a
 * cancel and a comment are one call each. Look-ups of people, tokens and refused calls do not count.
 */

const DAY = 24 * 60 * 60_000;
const MONTH = 30;
/** One create and one look. */
const APPROVED_AT_ONCE = 2;
/** A create, a look, a cancel, a look and a comment. The next request counts by itself. */
const WITHDRAWN = 5;

/** Returns the number of looks at an undecided card in the first `days` after it was sent. */
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

describe('calls to Feishu', () => {
  it.each([
    [1, 5],
    [3, 9],
    [7, 17],
    [30, 63],
  ])('a card that is pending for %d days is looked at %d times', (days, looks) => {
    expect(looksWithin(days)).toBe(looks);
  });

  it('a card that stays pending costs two looks a day', () => {
    expect(looksWithin(60) - looksWithin(30)).toBe(2 * 30);
  });

  it('an event that arrives before GET shows it costs at most three more looks', () => {
    expect([0, 1, 2, 3].map(lookAgainSeconds)).toEqual([2, 10, 60, undefined]);
  });

  const calls = [
    // Decided within ten minutes.
    700 * APPROVED_AT_ONCE,
    // Decided within a day, with the looks until then.
    200 * (APPROVED_AT_ONCE + looksWithin(1)),
    // Decided after a weekend.
    60 * (APPROVED_AT_ONCE + looksWithin(3)),
    // Changed once before the decision.
    35 * (WITHDRAWN + APPROVED_AT_ONCE),
    // Never decided.
    5 * (APPROVED_AT_ONCE + looksWithin(MONTH)),
  ];
  const sum = calls.reduce((total, each) => total + each);

  it('1,000 typical requests a month cost about four calls each', () => {
    expect(calls).toEqual([1_400, 1_400, 660, 245, 325]);
    expect(sum).toBe(4_030);
  });

  describe('docs/call-budget.md gives the same numbers', () => {
    const page = readFileSync(new URL('../../../docs/call-budget.md', import.meta.url), 'utf8');

    it('for the looks at a pending card', () => {
      const rows = [...page.matchAll(/^\|.* (\d+) days? \| 2 and up to (\d+) looks/gm)];
      expect(rows.map(([, days, looks]) => [Number(days), Number(looks)])).toEqual(
        [1, 3, 7, 30].map((days) => [days, looksWithin(days)]),
      );
    });

    it('for a card that is decided at once, and for a withdrawn one', () => {
      expect(page).toMatch(new RegExp(`^\\| tapped within ten minutes.*\\| ${APPROVED_AT_ONCE} \\|$`, 'm'));
      expect(page).toMatch(new RegExp(`^\\| withdrawn.*\\| ${WITHDRAWN} \\|$`, 'm'));
    });

    it('for the example, and in the formulas for the quota', () => {
      for (const each of [...calls, sum]) expect(page).toContain(each.toLocaleString('en-US'));
      const fits = [...page.matchAll(/\| (\d+) × \*N\* \| \*N\* ≤ \*Q\* ÷ (\d+) \|/g)];
      const each = [Math.round(sum / 1_000), APPROVED_AT_ONCE, APPROVED_AT_ONCE + looksWithin(MONTH)];
      expect(fits.map(([, cost, part]) => [Number(cost), Number(part)])).toEqual(
        each.map((cost) => [cost, cost]),
      );
    });

    it('but gives no number for the quota, because Feishu changes it', () => {
      expect(page).not.toMatch(/10,000|50,000|million/);
    });
  });
});
