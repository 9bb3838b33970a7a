import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recheckSeconds, schedule } from '../../../shared/approval/schedule.ts';
import { anIssue } from '../../support/issue.ts';
import { aRoundOf } from '../../support/round.ts';

/**
 * The arithmetic by which our looks stay within a free Feishu plan: 10,000 calls a month (FEISHU section 8). A create, a
 * look, a cancel and a comment are one call each; people, tokens and what Feishu refuses do not count.
 */

const QUOTA = 10_000;
const DAY = 24 * 60 * 60_000;
const MONTH = 30;
/** One create and one look (LESSONS, "asks Feishu twice for it"). */
const APPROVED_AT_ONCE = 2;
/** A look, a cancel and a look, after the create; the request that follows it counts for itself. */
const TAKEN_BACK = 4;

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
    expect([0, 1, 2, 3].map(recheckSeconds)).toEqual([2, 10, 60, undefined]);
  });

  it('1,000 requests a month, as a team makes them, use two fifths of the quota', () => {
    const calls = [
      // Tapped within ten minutes.
      700 * APPROVED_AT_ONCE,
      // Within a day: the looks in between, too.
      200 * (APPROVED_AT_ONCE + looksWithin(1)),
      // After a weekend.
      60 * (APPROVED_AT_ONCE + looksWithin(3)),
      // Changed once before the tap.
      35 * (TAKEN_BACK + APPROVED_AT_ONCE),
      // Forgotten.
      5 * (APPROVED_AT_ONCE + looksWithin(MONTH)),
    ];
    expect(calls).toEqual([1_400, 1_400, 660, 210, 325]);
    expect(calls.reduce((sum, each) => sum + each)).toBe(3_995);
  });

  it('the quota is reached by 5,000 quick approvals, or by some 150 cards that pend all month', () => {
    expect(QUOTA / APPROVED_AT_ONCE).toBe(5_000);
    expect(Math.floor(QUOTA / (1 + looksWithin(MONTH)))).toBe(156);
  });

  it('the README says the same', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const said = [
      ...readme.matchAll(/(?<looks>\d+) looks in the first (?<days>\d+) days/g),
      ...readme.matchAll(/^\| (?:pends )?(?<days>\d+) days? \| (?<looks>\d+) looks/gm),
    ].map(({ groups }) => groups);
    expect(said.length).toBeGreaterThan(0);
    for (const sum of ['1,400', '660', '210', '325', '3,995', '5,000 quick', '156 cards']) {
      expect(readme).toContain(sum);
    }
    for (const row of said) expect(looksWithin(Number(row?.days))).toBe(Number(row?.looks));
  });
});
