import { describe, expect, it } from 'vitest';
import { chooseForm } from '../../../shared/approval/channels/feishu/choose-form.ts';
import {
  formMemorySchema,
  learn,
  NOTHING_KNOWN,
  recall,
} from '../../../shared/approval/channels/feishu/form-memory.ts';
import { approvalOf } from '../../../shared/approval/plan/approval.ts';
import { plan } from '../../../shared/approval/plan/plan.ts';
import { type Round, roundSchema } from '../../../shared/approval/plan/round.ts';
import { schedule } from '../../../shared/approval/plan/schedule.ts';
import type { Snapshot } from '../../../shared/approval/plan/snapshot.ts';
import { allowsCutForms } from '../../../shared/approval/plan/wanted.ts';
import { parseHint } from '../../../shared/approval/work-queue.ts';
import { createFeishuCaller } from '../../../shared/feishu/call.ts';
import { commentText } from '../../../shared/feishu/comment-text.ts';
import { appsNeeded, countLiveAt, countWithdrawing, roundsAt } from '../../../shared/setup/rounds-in-use.ts';
import { anIssue } from '../../support/issue.ts';
import { aNewerRound, aNewerSnapshot, newerSettings } from '../../support/newer-version.ts';
import { anOaStep, aRoundOf, aStepRoundOf } from '../../support/round.ts';
import { withNewerMembers } from '../../support/stored-schemas.ts';

/** docs/lessons.md 51: an unknown word has as little effect as possible (ADR 15). */

const NOW = new Date('2026-03-01T09:00:00.000Z');
const issue = anIssue();
const rung = anIssue({ bell: { seq: 9, rungBy: 'creator@example.com', rungAt: '2026-03-01T08:30:00Z' } });
const closed = (changes: Record<string, unknown>): Round =>
  aNewerRound(aRoundOf(issue), { closedAt: '2026-03-01T08:10:00.000Z', checkAfter: undefined, ...changes });
const planOf = (round: Round, changes: Partial<Snapshot> = {}, record = issue) =>
  plan(aNewerSnapshot(record, [round], changes), NOW).filter((action) => action.do !== 'WRITE_BACK');
const opens = (...triggers: string[]) => [{ do: 'OPEN', opening: expect.objectContaining({ triggers }) }];

describe('docs/lessons.md 51: an unknown word on a round', () => {
  it('as close reason: the stage is sent again if it needs approval', () => {
    expect(planOf(closed({ state: 'WITHDRAWN', closeReason: 'NEWER' }))).toEqual(opens('NEW_STAGE'));
  });

  it('as reason of a withdrawal: the withdrawal is completed with that reason', () => {
    const round = aNewerRound(aRoundOf(issue), { withdraw: { reason: 'NEWER', at: NOW.toISOString() } });
    expect(planOf(round)).toEqual([expect.objectContaining({ do: 'WITHDRAW', reason: 'NEWER' })]);
  });

  it('as error code of a FAILED round: it is sent again only after a ring', () => {
    const failed = closed({
      state: 'FAILED',
      error: { code: 'NEWER', message: 'x' },
      checkAfter: NOW.toISOString(),
    });
    expect(planOf(failed).map((action) => action.do)).toEqual(['POSTPONE']);
    expect(schedule(failed, NOW)).not.toHaveProperty('checkAfter');
    expect(planOf(failed, {}, rung)).toEqual(opens('BELL'));
  });

  it('as trigger: the next round has the known triggers, or NEW_STAGE', () => {
    const withdrawn = { state: 'WITHDRAWN', closeReason: 'DISABLED' };
    expect(planOf(closed({ ...withdrawn, triggers: ['NEWER', 'STATEMENT_CHANGED'] }))).toEqual(
      opens('STATEMENT_CHANGED'),
    );
    expect(planOf(closed({ ...withdrawn, triggers: ['NEWER'] }))).toEqual(opens('NEW_STAGE'));
  });

  it('as comment: it stays in the list, and does not lead to a look', () => {
    const round = closed({ state: 'REJECTED', decisions: [], remarks: ['NEWER'] });
    expect(planOf(round)).toEqual([]);
    expect(schedule(round, NOW)).not.toHaveProperty('checkAfter');
    expect(planOf({ ...round, remarks: [...round.remarks, 'WITHDRAWN'] }).map((action) => action.do)).toEqual(
      ['COMMENT'],
    );
  });

  it('as leftover: no call is made, and the round is due again in a day', () => {
    const round = closed({
      state: 'REJECTED',
      settle: { what: 'NEWER', tries: 0 },
      checkAfter: NOW.toISOString(),
    });
    expect(planOf(round).map((action) => action.do)).toEqual(['POSTPONE']);
    expect(schedule(round, NOW).checkAfter).toBe('2026-03-02T09:00:00.000Z');
  });

  it('as result of a decision: the record shows it unchanged', () => {
    const decision = {
      result: 'NEWER',
      by: { email: 'a@example.com' },
      at: NOW.toISOString(),
      applied: true,
    };
    expect(approvalOf(closed({ state: 'REJECTED', decisions: [decision] })).decisions).toEqual([decision]);
  });

  it('as close reason in a comment: the comment leaves it out', () => {
    const { closeReason } = closed({ closeReason: 'NEWER' });
    expect(commentText('WITHDRAWN', { reason: closeReason })).toBe(commentText('WITHDRAWN'));
  });
});

describe('docs/lessons.md 51: a newer member of a round', () => {
  it('does not show on the record', () => {
    const decision = { result: 'REJECTED', by: {}, at: NOW.toISOString(), applied: true } as const;
    const error = { code: 'FEISHU_REFUSED', message: 'x' } as const;
    const round = aRoundOf(issue, { decisions: [decision], error, state: 'FAILED' });
    const newer = roundSchema.parse(withNewerMembers(roundSchema, round));
    expect(newer).not.toEqual(round);
    expect(approvalOf(newer)).toEqual(approvalOf(round));
  });
});

describe('docs/lessons.md 51: an unknown kind of form', () => {
  const newer = aNewerRound(aRoundOf(issue), {
    forms: [{ level: 'NEWER', wording: 'NEWER', bytes: 9_000, whole: true, refusal: 'refused' }],
  }).forms;

  it('that was refused: all known forms are tried from the first one', () => {
    const choice = chooseForm((kind) => ({ ...kind, bytes: 10_000, whole: true }), {
      refused: newer,
      memory: NOTHING_KNOWN,
      mayCut: true,
    });
    expect(choice).toMatchObject({ form: { level: 'FULL', wording: 'KEYS' } });
  });

  it('teaches nothing, whether it was accepted or refused', () => {
    const [form] = newer;
    if (!form) throw new Error('there is a form');
    const at = { now: NOW, created: true };
    expect(learn(NOTHING_KNOWN, form, [], at)).toEqual(NOTHING_KNOWN);
    const passed = { level: 'FULL', wording: 'KEYS', bytes: 100 } as const;
    expect(learn(NOTHING_KNOWN, passed, newer, at)).toEqual(learn(NOTHING_KNOWN, passed, [], at));
  });

  it('stays in the form memory, with newer members', () => {
    const memory = formMemorySchema.parse({ KEYS: { newer: 1 }, PLAIN: {}, NEWER: { passed: 1 } });
    const known = recall(memory, NOW);
    const learned = learn(known, { level: 'FULL', wording: 'KEYS', bytes: 7 }, [], {
      now: NOW,
      created: false,
    });
    const passed = { bytes: 7, at: NOW.toISOString() };
    expect(learned).toEqual({ ...memory, KEYS: { newer: 1, passed } });
  });
});

describe('docs/lessons.md 51: an unknown word in the settings', () => {
  const CUT = { level: 'FULL', wording: 'KEYS', bytes: 1, whole: false } as const;

  it('for cut cards: none is sent, and none is withdrawn', () => {
    const settings = newerSettings({ cutForms: 'NEWER' });
    expect(allowsCutForms(settings)).toBe(false);
    expect(planOf(aRoundOf(issue, { forms: [CUT], checkAfter: undefined }), { settings })).toEqual([]);
    expect(planOf(closed({ state: 'WITHDRAWN', closeReason: 'TOO_LARGE_TO_SHOW' }), { settings })).toEqual(
      [],
    );
  });

  it('for the platform: no call is made, so that no secret goes to a wrong host', async () => {
    const requests: unknown[] = [];
    const caller = createFeishuCaller({
      credentials: async () => ({ appSecret: 'never-to-be-sent' }),
      fetch: async (url) => {
        requests.push(url);
        throw new Error('no network');
      },
    });
    const { appId, domain } = newerSettings({ domain: 'NEWER' });
    await expect(caller.authorize({ appId, domain })).rejects.toMatchObject({ code: 'SETUP' });
    expect(requests).toEqual([]);
  });
});

describe('docs/lessons.md 51: due rounds', () => {
  const live = aNewerRound(aRoundOf(issue), { state: 'PAUSED' });

  it('in an unknown state still need their app, and do not count as being withdrawn', () => {
    expect([...appsNeeded([live])]).toEqual(['cli_a']);
    expect([...appsNeeded([aNewerRound(aRoundOf(issue), { channel: 'NEWER' })])]).toEqual(['cli_a']);
    expect(countWithdrawing([live])).toBe(0);
    expect(countWithdrawing([aNewerRound(aRoundOf(issue), { content: '{"v":2}' })])).toBe(0);
    expect(countWithdrawing([aRoundOf(issue)])).toBe(1);
  });

  it('in an unknown state or channel still use their node', () => {
    const asked = aStepRoundOf(anIssue({ approvalFlow: { steps: [anOaStep()] } }));
    for (const changes of [{ state: 'PAUSED' }, { channel: 'NEWER' }]) {
      const rounds = [aNewerRound(asked, changes)];
      expect([roundsAt('oa', rounds).length, countLiveAt('oa', rounds)]).toEqual([1, 1]);
    }
  });
});

describe('docs/lessons.md 51: hints', () => {
  it('of an unknown kind are refused, for the dead letters', () => {
    expect(() => parseHint('{"kind":"NEWER","issueId":"issue-1"}')).toThrow('not a hint');
  });

  it('with an unknown trigger or member are accepted', () => {
    const hint = { kind: 'RECORD_CHANGED', issueId: 'issue-1', triggers: ['NEWER'], newer: 1 };
    expect(parseHint(JSON.stringify(hint))).toEqual(hint);
  });
});
