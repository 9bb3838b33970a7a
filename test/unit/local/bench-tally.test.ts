import { describe, expect, it } from 'vitest';
import { cardsByIssue, makeCrowd, tally } from '../../../infra/local/bench/crowd.ts';
import { demoIssue, type Issue } from '../../../infra/local/frabit/frabit.ts';
import type { Card } from '../../../infra/local/simulators/feishu/control-client.ts';

const [FIRST = '', SECOND = ''] = makeCrowd('a1b2c3', 2, 0).issues;

const aCard = (issueId: string, instanceCode: string, status: string): Card => ({
  instanceCode,
  uuid: instanceCode.toUpperCase(),
  status,
  form: [{ value: { 'en-US': `Issue ${issueId}, see https://frabit.example.com` } }],
  approvers: [],
});

const aRecord = (issueId: string, approvalId: string, state = 'PENDING'): Issue => ({
  ...demoIssue(issueId, 'http://127.0.0.1', new Date(0)),
  stageApprovals: { test: { approvalId, generation: 2, state, triggers: [], approvers: [], decisions: [] } },
});

const counted = (after: Card[], records: Issue[], before = [aCard(FIRST, 'old', 'PENDING')]) =>
  tally(
    [FIRST],
    cardsByIssue(before),
    cardsByIssue(after),
    new Map(records.map((one) => [one.issueId, one])),
  );

describe('the tally of the bench', () => {
  it('counts nothing as duplicated or lost if the old card is withdrawn and the new one is open', () => {
    const after = [aCard(FIRST, 'old', 'CANCELED'), aCard(FIRST, 'new', 'PENDING')];
    expect(counted(after, [aRecord(FIRST, 'new')])).toEqual({
      sent: 1,
      withdrawn: 1,
      duplicated: 0,
      lost: 0,
    });
  });

  it.each([
    ['an old card that is still open', 'PENDING', ['new']],
    ['a second new card', 'CANCELED', ['new', 'newer']],
  ])('counts %s as duplicated', (_, old, fresh) => {
    const after = [aCard(FIRST, 'old', old), ...fresh.map((code) => aCard(FIRST, code, 'PENDING'))];
    expect(counted(after, [aRecord(FIRST, 'new')])).toMatchObject({ duplicated: 1, lost: 0 });
  });

  it.each([
    ['without a new card', [aCard(FIRST, 'old', 'CANCELED')], 'new', 'PENDING'],
    ['whose new card is closed', [aCard(FIRST, 'new', 'CANCELED')], 'new', 'PENDING'],
    ['whose record names another card', [aCard(FIRST, 'new', 'PENDING')], 'other', 'PENDING'],
    ['whose record does not show that it was sent', [aCard(FIRST, 'new', 'PENDING')], 'new', 'REQUESTED'],
    ['whose card shows another issue', [aCard(SECOND, 'new', 'PENDING')], 'new', 'PENDING'],
  ])('counts an issue %s as lost', (_, after, approvalId, state) => {
    expect(counted(after, [aRecord(FIRST, approvalId, state)])).toMatchObject({ lost: 1 });
  });
});
