import { describe, expect, it } from 'vitest';
import { schedule } from '../../../shared/approval/plan/schedule.ts';
import { anIssue } from '../../support/issue.ts';
import { aRoundOf } from '../../support/round.ts';

const NOW = new Date('2026-03-01T08:00:00.000Z');
const minutesAhead = (round: ReturnType<typeof aRoundOf>): number | undefined =>
  round.checkAfter === undefined ? undefined : (Date.parse(round.checkAfter) - NOW.getTime()) / 60_000;

describe('when a round is looked at again', () => {
  const issue = anIssue();
  it.each([
    [0, 10],
    [1, 30],
    [2, 120],
    [3, 360],
    [4, 720],
    [9, 720],
  ])('after %d looks in %d minutes', (looks, minutes) => {
    expect(minutesAhead(schedule(aRoundOf(issue, { looks }), NOW))).toBe(minutes);
  });
  it('within two minutes, sweep included, in the first hour while it cannot be sent', () => {
    const waiting = aRoundOf(issue, { state: 'REQUESTED', requestedAt: '2026-03-01T07:10:00.000Z' });
    expect(minutesAhead(schedule(waiting, NOW))).toBeLessThanOrEqual(1);
    const old = aRoundOf(issue, { state: 'REQUESTED', requestedAt: '2026-02-01T07:10:00.000Z' });
    expect(minutesAhead(schedule(old, NOW))).toBe(360);
  });
  it.each([
    [0, 1],
    [1, 10],
    [2, 60],
  ])('to close a leftover that may exist: after try %d in %d minutes', (tries, minutes) => {
    const round = aRoundOf(issue, { state: 'WITHDRAWN', settle: { what: 'UNKNOWN', tries } });
    expect(minutesAhead(schedule(round, NOW))).toBe(minutes);
  });
  it.each([
    [0, 1],
    [1, 10],
    [2, 60],
    [3, 720],
    [4, 1_440],
    [50, 1_440],
  ])('to close an open leftover: after try %d in %d minutes, without an end', (tries, minutes) => {
    const round = aRoundOf(issue, { state: 'WITHDRAWN', settle: { what: 'OPEN', tries } });
    expect(minutesAhead(schedule(round, NOW))).toBe(minutes);
  });
  it.each([
    [1, 0.75],
    [79, 0.75],
    [160, 30],
    [10_000, 360],
  ])('if it is pending: after %d failed looks in a row in %d minutes', (setbacks, minutes) => {
    expect(minutesAhead(schedule(aRoundOf(issue, { setbacks }), NOW))).toBe(minutes);
  });
  it('a day later if the assignee is unknown, and never once nothing is left to do', () => {
    const failed = aRoundOf(issue, {
      state: 'FAILED',
      error: { code: 'ASSIGNEE_NOT_IN_FEISHU', message: '' },
    });
    expect(minutesAhead(schedule(failed, NOW))).toBe(24 * 60);
    expect(minutesAhead(schedule(aRoundOf(issue, { state: 'APPROVED' }), NOW))).toBeUndefined();
  });
});
