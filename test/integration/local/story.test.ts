import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { describeChange } from '../../../infra/local/frabit/describe-change.ts';
import {
  type Approval,
  demoIssue,
  type Issue,
  isReadyToRun,
  withAssignee,
  withBell,
  withOaStep,
  withStageRun,
  withStatement,
} from '../../../infra/local/frabit/frabit.ts';
import { createStory } from '../../../infra/local/frabit/story.ts';

const anIssue = (): Issue => demoIssue('demo-1', 'http://127.0.0.1:3000', new Date(0));

const anApproval = (over: Partial<Approval> = {}): Approval => ({
  approvalId: 'a',
  generation: 1,
  state: 'PENDING',
  triggers: ['NEW_STAGE'],
  approvers: [{ email: 'dba@example.com' }],
  decisions: [],
  ...over,
});

const withApproval = (issue: Issue, approval: Approval): Issue => ({
  ...issue,
  stageApprovals: { test: approval },
});

const withTasks = (issue: Issue, status: string): Issue => ({
  ...issue,
  stages: issue.stages.map((stage) =>
    stage.stageId === 'test' ? { ...stage, tasks: stage.tasks.map((task) => ({ ...task, status })) } : stage,
  ),
});

const told = (before: Issue | undefined, after: Issue | undefined) => {
  const { byFrabit, ours } = describeChange(before, after);
  return [...byFrabit, ...ours];
};

describe('the story of a change', () => {
  const issue = anIssue();
  const decision = { result: 'APPROVED', by: { email: 'dba@example.com' }, at: '', applied: true };

  it.each<[string, Issue | undefined, Issue | undefined, string[]]>([
    [
      'an issue written',
      undefined,
      issue,
      [
        'issue written: “Add loyalty points to customers”, at stage “Test” with 2 tasks, to be approved by dba@example.com',
      ],
    ],
    ['an issue deleted', issue, undefined, ['issue deleted']],
    ['another assignee', issue, withAssignee(issue, 'x@example.com'), ['assignee changed to x@example.com']],
    [
      'other SQL',
      issue,
      withStatement(issue, 'backfill', 'SELECT 1'),
      ['SQL changed in “Credit past orders”'],
    ],
    ['the bell', issue, withBell(issue, new Date(0)), ['bell rung by dev@example.com']],
    ['an approval sent', issue, withApproval(issue, anApproval()), ['approval sent to dba@example.com']],
    [
      'an approval and the released tasks',
      withApproval(issue, anApproval()),
      withTasks(withApproval(issue, anApproval({ state: 'APPROVED', decisions: [decision] })), 'PENDING'),
      ['approved by dba@example.com', '2 tasks PENDING: ready to run'],
    ],
    ['a hold', issue, { ...issue, approvalHold: 'NO_ASSIGNEE' }, ['on hold: NO_ASSIGNEE']],
    ['nothing of interest', issue, { ...issue, version: 9 }, []],
  ])('describes %s', (_what, before, after, lines) => {
    expect(told(before, after)).toEqual(lines);
  });

  const flowing = withOaStep(issue);
  const withStep = (status: string, approval: Approval): Issue => ({
    ...flowing,
    approvalFlow: {
      steps: (flowing.approvalFlow?.steps ?? []).map((step) => ({ ...step, status })),
    },
    stepApprovals: { oa: approval },
  });
  const asked = anApproval({ approvers: [] });
  const byTheBoard = { result: 'APPROVED', by: { email: 'board@example.com' }, at: '', applied: true };

  it.each<[string, Issue | undefined, Issue, string[]]>([
    [
      'an issue written with one',
      undefined,
      flowing,
      [
        'issue written: “Add loyalty points to customers”, at stage “Test” with 2 tasks, to be approved by dba@example.com, after “Change board”',
      ],
    ],
    [
      'one sent to the OA',
      flowing,
      withStep('PENDING', asked),
      ['step “Change board”: approval sent to the OA'],
    ],
    [
      'one approved there, with a comment',
      withStep('PENDING', asked),
      withStep('APPROVED', { ...asked, state: 'APPROVED', decisions: [{ ...byTheBoard, comment: 'fine' }] }),
      ['step “Change board”: approved by board@example.com: “fine”'],
    ],
    [
      'one rejected there by somebody without an e-mail',
      withStep('PENDING', asked),
      withStep('REJECTED', {
        ...asked,
        state: 'REJECTED',
        decisions: [{ ...byTheBoard, result: 'REJECTED', by: { userId: 'Board 7' } }],
      }),
      ['step “Change board”: rejected by Board 7'],
    ],
    [
      'one that must be approved again after a change of the SQL',
      withStep('APPROVED', { ...asked, state: 'APPROVED', decisions: [byTheBoard] }),
      withStep('PENDING', { ...asked, approvalId: 'b', generation: 2 }),
      ['step “Change board”: must be approved again', 'step “Change board”: approval sent to the OA'],
    ],
    [
      'one whose OA cannot be reached for a day',
      withStep('PENDING', asked),
      withStep('PENDING', { ...asked, error: { code: 'OA_UNAVAILABLE', message: 'No answer for a day.' } }),
      ['step “Change board”: approval waits: No answer for a day.'],
    ],
  ])('describes a step of the flow: %s', (_what, before, after, lines) => {
    expect(told(before, after)).toEqual(lines);
  });

  it('contains no SQL, whatever changes', () => {
    const marked = withStatement(issue, 'backfill', 'DROP TABLE marked');
    const lines = [...told(undefined, marked), ...told(issue, marked), ...told(marked, undefined)];
    expect(lines.join('\n')).not.toMatch(/DROP|ALTER|UPDATE/);
  });
});

describe('the time of a line', () => {
  const change = (before: Issue | undefined, after: Issue): DynamoDBRecord => ({
    dynamodb: {
      Keys: { issueId: { S: after.issueId } },
      ...(before && { OldImage: imageOf(before) }),
      NewImage: imageOf(after),
    },
  });
  const imageOf = (issue: Issue) => JSON.parse(JSON.stringify(marshall(issue)));
  const event = (approval: Approval) => ({
    Source: 'frabit.im-approval',
    DetailType: 'Approval',
    Detail: JSON.stringify({ issueId: 'demo-1', stageId: 'test', approval }),
  });
  const hint = (body: object, receives = '1'): SQSRecord => ({
    messageId: 'm',
    receiptHandle: 'r',
    body: JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: receives,
      SentTimestamp: '',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  });

  it('counts from its cause: a write of Frabit, or a decision in Feishu', () => {
    let now = 1000;
    const story = createStory(() => now);
    const issue = anIssue();
    story.onIssueChange(change(undefined, issue));
    now += 40;
    story.onBusEvent(event(anApproval({ state: 'REQUESTED' })));
    now += 5000;
    story.onHint(hint({ kind: 'FEISHU_EVENT', issueId: 'demo-1', about: 'TASK', status: 'APPROVED' }));
    now += 70;
    story.onIssueChange(change(issue, withApproval(issue, anApproval())));
    expect(story.lines().map(({ text, since }) => [text.split(':')[0], since])).toEqual([
      ['issue written', 0],
      ['trigger NEW_STAGE', 40],
      ['Feishu event', 0],
      ['approval sent to dba@example.com', 70],
    ]);
  });

  it('is added once per state, even if the bus sends the event twice', () => {
    const story = createStory(() => 0);
    story.onBusEvent(event(anApproval({ state: 'WITHDRAWN', closeReason: 'BELL' })));
    story.onBusEvent(event(anApproval({ state: 'WITHDRAWN', closeReason: 'BELL' })));
    story.onBusEvent(event(anApproval({ state: 'PENDING' })));
    expect(story.lines().map(({ text }) => text)).toEqual(['round 1 withdrawn: BELL']);
  });

  it('counts for the approval of a step from the event of the OA', () => {
    let now = 0;
    const story = createStory(() => now);
    const ofStep = (approval: Approval) => ({
      Source: 'frabit.im-approval',
      DetailType: 'Approval',
      Detail: JSON.stringify({ issueId: 'demo-1', stepId: 'oa', approval }),
    });
    story.onBusEvent(ofStep(anApproval({ state: 'REQUESTED' })));
    story.onHint(hint({ kind: 'EXTERNAL_EVENT', issueId: 'demo-1', approvalId: 'a', eventId: 'e' }));
    now = 30;
    story.onBusEvent(ofStep(anApproval({ state: 'WITHDRAWN', closeReason: 'SUPERSEDED' })));
    expect(story.lines().map(({ text, since }) => [text, since])).toEqual([
      ['trigger NEW_STAGE: approval of step oa requested, round 1', 0],
      ['the OA sent an event', 0],
      ['round 1 of step oa withdrawn: SUPERSEDED', 30],
    ]);
  });

  it('ignores repeated, expected and invalid hints', () => {
    const story = createStory(() => 0);
    story.onHint(hint({ kind: 'DUE', issueId: 'demo-1', approvalIds: [] }, '2'));
    story.onHint(hint({ kind: 'FEISHU_EVENT', issueId: 'demo-1', about: 'TASK', status: 'DONE' }));
    story.onHint({ ...hint({}), body: 'not JSON' });
    expect(story.lines()).toEqual([]);
  });
});

describe('the Frabit that the console simulates', () => {
  it('sets a task whose SQL changes to PENDING_APPROVAL in the same write', () => {
    const edited = withStatement(withTasks(anIssue(), 'PENDING'), 'backfill', 'SELECT 1');
    expect(edited.stages[0]?.tasks.map(({ status }) => status)).toEqual(['PENDING', 'PENDING_APPROVAL']);
  });

  it('runs a stage only when none of its tasks waits for approval', () => {
    expect(isReadyToRun(anIssue())).toBe(false);
    expect(isReadyToRun(withTasks(anIssue(), 'PENDING'))).toBe(true);
  });

  it('goes to the next stage after a run, and is DONE after the last one', () => {
    const second = withStageRun(withTasks(anIssue(), 'PENDING'));
    expect(second).toMatchObject({ currentStageId: 'staging', status: 'OPEN' });
    expect(second.stages[0]?.tasks.map(({ status }) => status)).toEqual(['DONE', 'DONE']);
    const done = withStageRun({ ...second, currentStageId: 'production' });
    expect(done.status).toBe('DONE');
    expect(done).not.toHaveProperty('currentStageId');
  });
});
