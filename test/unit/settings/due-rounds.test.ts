import { describe, expect, it } from 'vitest';
import type { Round } from '../../../shared/approval/plan/round.ts';
import { appsNeeded, countLiveAt, countWithdrawing, roundsAt } from '../../../shared/setup/rounds-in-use.ts';
import { anIssue } from '../../support/issue.ts';
import { anOaStep, aRound, aStepRoundOf } from '../../support/round.ts';

const aStepRound = (changes: Partial<Round> = {}): Round =>
  aStepRoundOf(anIssue({ approvalFlow: { steps: [anOaStep()] } }), changes);

describe('the keys of an app are needed', () => {
  it.each<[string, Partial<Round>]>([
    ['a request that was not sent yet', { state: 'REQUESTED' }],
    ['a card that waits', { state: 'PENDING' }],
    ['a card that still stands open', { state: 'WITHDRAWN', settle: { what: 'OPEN', tries: 0 } }],
    ['an instance that may exist', { state: 'FAILED', settle: { what: 'UNKNOWN', tries: 2 } }],
    ['a remark that is still to be posted', { state: 'WITHDRAWN', remarks: ['WITHDRAWN'] }],
  ])('for %s', (_, changes) => {
    expect([...appsNeeded([aRound({ appId: 'cli_before', ...changes })])]).toEqual(['cli_before']);
  });

  it.each<[string, Round]>([
    ['a closed round of which nothing is expected', aRound({ state: 'REJECTED' })],
    ['a request at an OA', aStepRound({ appId: 'cli_before' })],
  ])('not for %s', (_, round) => {
    expect([...appsNeeded([round])]).toEqual([]);
  });
});

describe('live approvals', () => {
  it('in Feishu are withdrawn when the app changes, except those of the new app and those at an OA', () => {
    const rounds = [
      aRound({ appId: 'cli_before' }),
      aRound({ appId: 'cli_now', state: 'REQUESTED' }),
      aRound({ appId: 'cli_before', state: 'APPROVED' }),
      aStepRound(),
    ];
    expect([countWithdrawing(rounds), countWithdrawing(rounds, 'cli_now')]).toEqual([2, 1]);
  });

  it('at an OA are counted by node', () => {
    const rounds = [
      aRound(),
      aStepRound(),
      aStepRound({ state: 'APPROVED' }),
      aStepRound({ nodeId: 'other' }),
    ];
    expect([roundsAt('oa', rounds).length, countLiveAt('oa', rounds)]).toEqual([2, 1]);
  });
});
