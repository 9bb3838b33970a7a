import { describe, expect, it } from 'vitest';
import type { Action } from '../../../shared/approval/plan/action.ts';
import { approvalOf } from '../../../shared/approval/plan/approval.ts';
import { deadlinesOf } from '../../../shared/approval/plan/deadlines.ts';
import type { Hint } from '../../../shared/approval/plan/hint.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import { type Reminders, type Round, roundSchema } from '../../../shared/approval/plan/round.ts';
import { schedule } from '../../../shared/approval/plan/schedule.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import type { IssueRecord } from '../../../shared/issue/record.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { aRoundOf, aSnapshot, SETTINGS } from '../../support/round.ts';

const HOUR = 60 * 60_000;
const SENT_AT = '2026-03-01T08:00:00.000Z';
const hoursLater = (hours: number): Date => new Date(Date.parse(SENT_AT) + hours * HOUR);
const iso = (hours: number): string => hoursLater(hours).toISOString();

const issue = anIssue();
const settings = { ...SETTINGS, reminderHours: 24, expiryHours: 72 };
/** A round sent at `SENT_AT`, looked at just now, with the deadlines of `settings`. */
const aSentRound = (changes: Partial<Round> = {}): Round => {
  const round = aRoundOf(issue, { sentAt: SENT_AT, checkAfter: iso(10_000), ...changes });
  return { ...round, ...deadlinesOf(round, settings), ...changes };
};
const at = (hours: number, round: Round, changes: Partial<Snapshot> = {}, hints: Hint[] = []): Action[] =>
  plan(aSnapshot(issue, [round], { settings, ...changes }), hoursLater(hours), hints).filter(
    (action) => action.do !== 'WRITE_BACK' && action.do !== 'POSTPONE',
  );
const namesOf = (actions: Action[]): string[] => actions.map((action) => action.do);
const of = (record: IssueRecord): Partial<Snapshot> => {
  const { issue, memory } = aSnapshot(record);
  return { issue, memory };
};
const ringing = anIssue({ bell: { seq: 1, rungBy: 'creator@example.com', rungAt: SENT_AT } });
const edited = anIssue({ stages: [aStage({ tasks: [aTask({ statement: 'SELECT 2' })] })] });
const event = (round: Round, status: string): Hint => ({
  kind: 'FEISHU_EVENT',
  issueId: round.issueId,
  approvalId: round.approvalId,
  eventId: 'e',
  appId: SETTINGS.appId,
  definitionCode: SETTINGS.definitionCode,
  instanceCode: 'INSTANCE',
  about: 'INSTANCE',
  status,
});

describe('the deadlines of a round', () => {
  const reminded = (reminders: Reminders) => deadlinesOf(aSentRound({ reminders }), settings).remindAt;

  it('count from the moment the card was sent', () => {
    expect(deadlinesOf(aSentRound(), settings)).toEqual({ remindAt: iso(24), expireAt: iso(72) });
  });
  it('are absent when both are off', () => {
    expect(deadlinesOf(aSentRound(), SETTINGS)).toEqual({});
    expect(deadlinesOf(aSentRound(), undefined)).toEqual({});
  });
  it('may be a fraction of an hour', () => {
    expect(deadlinesOf(aSentRound(), { ...SETTINGS, reminderHours: 0.1 })).toEqual({ remindAt: iso(0.1) });
  });
  it('begin a new period with each reminder, however late it was', () => {
    expect(reminded({ sent: 1, from: iso(40) })).toBe(iso(64));
  });
  it('wait after a failed try', () => {
    expect(reminded({ sent: 1, from: iso(40), notBefore: iso(64.5) })).toBe(iso(64.5));
  });
  it('end after three reminders, or when Feishu does not accept them', () => {
    expect(reminded({ sent: 2, from: iso(40) })).toBeDefined();
    expect(reminded({ sent: 3, from: iso(40) })).toBeUndefined();
    expect(reminded({ sent: 0, over: true })).toBeUndefined();
  });
});

describe('deadlines that differ from the settings', () => {
  it.each([
    ['reminders and expiry enabled', aSentRound({ remindAt: undefined, expireAt: undefined }), settings],
    ['reminders and expiry disabled', aSentRound(), SETTINGS],
    ['a shorter reminder period', aSentRound(), { ...settings, reminderHours: 1 }],
    ['a later expiry', aSentRound(), { ...settings, expiryHours: 100 }],
  ])('are updated first: %s', (_, round, changed) => {
    const deadlines = deadlinesOf(round, changed);
    expect(at(1_000, round, { settings: changed })).toEqual([
      { do: 'RETIME', approvalId: round.approvalId, deadlines },
    ]);
  });

  it('are not updated for a round that is not pending or is being withdrawn', () => {
    const bare = { remindAt: undefined, expireAt: undefined };
    const requested = aSentRound({ ...bare, state: 'REQUESTED', sentAt: undefined });
    expect(namesOf(at(1_000, requested))).toEqual(['SEND']);
    const leaving = aSentRound({ ...bare, withdraw: { reason: 'CHECK_ERROR', at: SENT_AT } });
    expect(namesOf(at(1_000, leaving))).toEqual(['WITHDRAW']);
    for (const state of ['REJECTED', 'FAILED'] as const)
      expect(at(1_000, aSentRound({ ...bare, state }))).toEqual([]);
  });
});

describe('a reminder', () => {
  it('is due at its time, and not before', () => {
    expect(at(23.9, aSentRound())).toEqual([]);
    expect(namesOf(at(24, aSentRound()))).toEqual(['REMIND']);
  });
  it('waits while Feishu is out of reach, like a look', () => {
    const failing = aSentRound({ setbacks: 3 });
    expect(at(24, failing)).toEqual([]);
    expect(namesOf(at(24, { ...failing, checkAfter: iso(24) }))).toEqual(['REMIND']);
  });
  it('is not sent if an event, new or missed, leads to a look', () => {
    const round = aSentRound();
    expect(namesOf(at(24, round, {}, [event(round, 'APPROVED')]))).toEqual(['LOOK']);
    const missed = aSentRound({ missed: ['APPROVED'], checkAfter: iso(24) });
    expect(namesOf(at(24, missed))).toEqual(['LOOK']);
  });
  it('is not sent if the round is withdrawn', () => {
    expect(namesOf(at(24, aSentRound(), of(ringing)))).toEqual(['WITHDRAW']);
    expect(namesOf(at(24, aSentRound(), of(anIssue({ status: 'DONE' }))))).toEqual(['WITHDRAW']);
  });
  it('changes nothing on the record', () => {
    const round = aSentRound();
    const reminded = { ...round, reminders: { sent: 2, begunAt: SENT_AT }, remindAt: iso(1) };
    expect(approvalOf(reminded)).toStrictEqual(approvalOf(round));
  });
});

describe('an expired request', () => {
  const expiring = (changes: Partial<Round> = {}) => aSentRound({ remindAt: undefined, ...changes });
  const onlyExpiry = { ...SETTINGS, expiryHours: 72 };
  const withdrawn = (actions: Action[]) =>
    actions.map((action) => (action.do === 'WITHDRAW' ? action : action.do));

  it('is withdrawn at its time, and nothing is opened with it', () => {
    const round = expiring();
    expect(at(71.9, round, { settings: onlyExpiry })).toEqual([]);
    expect(at(72, round, { settings: onlyExpiry })).toStrictEqual([
      { do: 'WITHDRAW', approvalId: round.approvalId, reason: 'EXPIRED_BY_US' },
    ]);
  });

  it('gets no more reminders', () => {
    expect(namesOf(at(72, aSentRound()))).toEqual(['WITHDRAW']);
  });

  it.each([
    ['a ring', ringing, 'BELL', ['BELL']],
    ['other content', edited, 'SUPERSEDED', ['STATEMENT_CHANGED']],
  ] as const)('that %s meets is replaced, as it calls for', (_, record, reason, triggers) => {
    const actions = at(72, expiring(), { settings: onlyExpiry, ...of(record) });
    expect(withdrawn(actions)).toMatchObject([{ reason, next: { triggers } }]);
  });

  it('is first looked at after an event, which may be a decision', () => {
    const round = expiring();
    const actions = at(72, round, { settings: onlyExpiry }, [event(round, 'APPROVED')]);
    expect(namesOf(actions)).toEqual(['LOOK']);
  });

  describe('whose withdrawal is completed later', () => {
    const leaving = expiring({ withdraw: { reason: 'EXPIRED_BY_US', at: iso(72) } });
    it('opens nothing without a reason', () => {
      expect(at(73, leaving, { settings: onlyExpiry })).toStrictEqual([
        { do: 'WITHDRAW', approvalId: leaving.approvalId, reason: 'EXPIRED_BY_US' },
      ]);
    });
    it.each([
      ['a ring', ringing, ['NEW_STAGE', 'BELL']],
      ['other content', edited, ['STATEMENT_CHANGED']],
    ] as const)('opens what %s has called for meanwhile', (_, record, triggers) => {
      const actions = at(73, leaving, { settings: onlyExpiry, ...of(record) });
      expect(withdrawn(actions)).toMatchObject([{ reason: 'EXPIRED_BY_US', next: { triggers } }]);
    });
    it('opens a round if the issue returned to the stage', () => {
      const memory = { issueId: issue.issueId, stageId: 'stage-1', arrival: 3, bellSeq: 0, life: 0 };
      const actions = at(73, leaving, { settings: onlyExpiry, memory });
      expect(withdrawn(actions)).toMatchObject([{ next: { triggers: ['NEW_STAGE'] } }]);
    });
  });
});

describe('the time of the next hint of a round with deadlines', () => {
  const hoursAhead = (round: Round, now: number): number =>
    (Date.parse(schedule(round, hoursLater(now)).checkAfter ?? '') - hoursLater(now).getTime()) / HOUR;
  const looked = { looks: 9 };

  it('is the deadline if it is before the next look', () => {
    expect(hoursAhead(aSentRound(looked), 0)).toBe(12);
    expect(hoursAhead(aSentRound(looked), 20)).toBe(4);
    expect(hoursAhead(aSentRound({ ...looked, remindAt: undefined }), 70)).toBe(2);
  });
  it('is soon, but not at once, when a deadline has passed', () => {
    expect(hoursAhead(aSentRound(looked), 25)).toBeCloseTo(1 / 6);
    expect(hoursAhead(aSentRound({ setbacks: 10_000, expireAt: undefined }), 25)).toBe(6);
  });
  it('does not depend on them once the round is closed or being withdrawn', () => {
    expect(schedule(aSentRound({ state: 'REJECTED' }), hoursLater(1)).checkAfter).toBeUndefined();
    const leaving = aSentRound({ withdraw: { reason: 'BELL', at: SENT_AT } });
    expect(hoursAhead(leaving, 23.999)).toBeCloseTo(23.999 / 4, 2);
  });
});

it('a round of an earlier version has no reminder sent', () => {
  const { reminders: _, ...old } = aRoundOf(issue);
  expect(roundSchema.parse(old)).toEqual(aRoundOf(issue, { ...old, reminders: { sent: 0 } }));
});
