import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FeishuSettings } from '../../../shared/settings/settings.ts';
import { ASSIGNEE, aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue, aStage, aTask } from '../../support/issue.ts';
import { advanceAndSweep } from '../../support/sweep-over-time.ts';
import { useDatabase } from '../../support/use-core.ts';

const HOUR = 60 * 60_000;
const OTHER = 'other@example.com';

const database = useDatabase();
let core: Core;
/** Where the worker dies next. */
let death: { at: 'cancelInstance' | 'addComment'; when: 'BEFORE' | 'AFTER' } | undefined;
/** Whether Feishu returns comments with HTML entities. */
let escapes: boolean;
beforeEach(async () => {
  death = undefined;
  escapes = false;
  core = await aCore(database(), {
    change: ({ feishu }) => ({
      feishu: {
        ...feishu,
        cancelInstance: (...call) => mortal('cancelInstance', () => feishu.cancelInstance(...call)),
        addComment: (...call) => mortal('addComment', () => feishu.addComment(...call)),
        getInstance: async (...call) => {
          const instance = await feishu.getInstance(...call);
          return instance && { ...instance, comments: instance.comments.map((text) => asGiven(text)) };
        },
      },
    }),
  });
  await core.write(anIssue());
});
afterEach(() => core.close());

async function mortal(at: NonNullable<typeof death>['at'], call: () => Promise<void>): Promise<void> {
  if (death?.at !== at) return call();
  const { when } = death;
  death = undefined;
  if (when === 'AFTER') await call();
  throw new Error('the container is gone');
}
const asGiven = (text: string): string =>
  escapes ? text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/'/g, '&#39;') : text;

type Card = ReturnType<Core['card']>;
const control = () => core.simulator.control;
const calls = () => control().calls().calls;
const commentsOf = ({ instanceCode }: Pick<Card, 'instanceCode'>) =>
  control().instance(instanceCode)?.comments ?? [];
const textsOf = (card: Card) => commentsOf(card).map(({ text }) => text);
const statusOf = ({ instanceCode }: Card) => control().instance(instanceCode)?.status;
const save = (changes: Partial<FeishuSettings>) => core.saveSettings({ ...core.settings, ...changes });
const pass = (ms: number) => advanceAndSweep(core, database().documents, ms);
const close = () =>
  core.edit(ISSUE, (issue) => {
    issue.status = 'DONE';
  });
const assign = (email: string) =>
  core.edit(ISSUE, (issue) => {
    issue.assignee = { email };
  });
const ring = () =>
  core.edit(ISSUE, (issue) => {
    issue.bell = { seq: 1, rungBy: issue.creator.email, rungAt: core.clock.date().toISOString() };
  });
const edit = (statement: string) =>
  core.edit(ISSUE, (issue) => {
    issue.stages = [aStage({ tasks: [aTask({ statement })] })];
  });
/** Lets the worker die, and delivers its message again. */
const dieAndRunAgain = async (at: NonNullable<typeof death>, run: () => Promise<unknown>) => {
  death = at;
  await expect(run()).rejects.toThrow('the container is gone');
  await core.clock.advance(90_000);
  await core.run(ISSUE);
};
const REFUSED = { kind: 'ERROR_CODE', endpoint: 'cancelInstance', code: 1390009, status: 403 } as const;

const CLOSED =
  '此请求已撤回：工单已关闭。此处无需再处理。 / This request was withdrawn: the issue is closed. There is nothing left to do here.';
const CHANGED = 'the SQL, its target, the tasks that ask, the approver or the approval app has changed';

describe('docs/lessons.md 47: a withdrawn card says why, in both languages,', () => {
  it('and who gets the new request when the assignee changes', async () => {
    const card = core.card();
    await assign(OTHER);
    await pass(HOUR);
    expect(statusOf(card)).toBe('CANCELED');
    expect(textsOf(card)).toEqual([
      `此请求已撤回：语句、执行目标、待审批的任务、审批人或审批应用已变更。新的请求将发送给 ${OTHER}，此处无需再处理。 / This request was withdrawn: ${CHANGED}. A new request goes to ${OTHER}; there is nothing left to do here.`,
    ]);
    expect(textsOf(core.card(OTHER))).toEqual([]);
  });

  it('and names no new approver if the new request cannot be sent', async () => {
    const card = core.card();
    await assign('nobody@elsewhere.test');
    await pass(HOUR);
    expect(textsOf(card)).toEqual([expect.stringContaining(`${CHANGED}. There is nothing left to do here.`)]);
  });

  it('and who gets the request that is open when Feishu accepts the comment', async () => {
    const card = core.card();
    control().misbehave({
      kind: 'ERROR_CODE',
      endpoint: 'cancelInstance',
      code: 1390009,
      status: 403,
      times: 1,
    });
    await assign(OTHER);
    expect([statusOf(card), textsOf(card)]).toEqual(['PENDING', []]);
    await assign('third@example.com');
    await pass(HOUR);
    expect(textsOf(card)).toEqual([expect.stringContaining('A new request goes to third@example.com;')]);
  });

  it('when the creator rings the bell', async () => {
    const card = core.card();
    await ring();
    expect(textsOf(card)).toEqual([
      expect.stringContaining(
        `the requester rang the bell to have it sent again. A new request goes to ${ASSIGNEE};`,
      ),
    ]);
  });

  it('when the issue is closed', async () => {
    const card = core.card();
    await close();
    expect(textsOf(card)).toEqual([CLOSED]);
  });

  it('when the issue is deleted', async () => {
    const card = core.card();
    await core.remove(ISSUE);
    expect(textsOf(card)).toEqual([
      expect.stringContaining('withdrawn: the issue was deleted. There is nothing'),
    ]);
  });

  it('when approvals are disabled, even if the comment fails at first', async () => {
    const card = core.card();
    control().misbehave({ kind: 'BAD_GATEWAY', endpoint: 'createComment', times: 1 });
    await save({ enabled: false });
    await core.run(ISSUE);
    expect([statusOf(card), textsOf(card)]).toEqual(['CANCELED', []]);
    await pass(HOUR);
    expect(textsOf(card)).toEqual([
      expect.stringContaining('withdrawn: the approval integration was switched off. There is nothing'),
    ]);
  });

  it('in the name of the initiator when another app is in use', async () => {
    const card = core.card();
    await save({ appId: 'cli_other' });
    await core.run(ISSUE);
    expect(commentsOf(card)).toMatchObject([
      { by: { email: 'creator@example.com' }, text: expect.stringContaining(`goes to ${ASSIGNEE};`) },
    ]);
  });

  it('unless the settings disable it, which does not affect other comments', async () => {
    await save({ withdrawalComments: false });
    const card = core.card();
    control().transfer(card.instanceCode, ASSIGNEE, OTHER);
    await core.receiveEvent(card, 'TRANSFERRED', 'TASK');
    control().resetCalls();
    await close();
    await pass(HOUR);
    expect([statusOf(card), calls()]).toEqual(['CANCELED', { getInstance: 2, cancelInstance: 1 }]);
    expect(textsOf(card)).toEqual([expect.stringContaining('This request was transferred')]);
  });
});

describe('a withdrawn card gets one comment', () => {
  it.each([
    { at: 'cancelInstance', when: 'BEFORE' },
    { at: 'cancelInstance', when: 'AFTER' },
    { at: 'addComment', when: 'BEFORE' },
    { at: 'addComment', when: 'AFTER' },
  ] as const)('when the worker dies $when $at', async (at) => {
    const card = core.card();
    await dieAndRunAgain(at, close);
    for (let hours = 0; hours < 3; hours++) await pass(HOUR);
    expect([statusOf(card), textsOf(card)]).toEqual(['CANCELED', [CLOSED]]);
  });

  it.each(['BEFORE', 'AFTER'] as const)(
    'when the first cancel is refused and the worker dies %s the next one',
    async (when) => {
      const card = core.card();
      control().misbehave(REFUSED);
      await assign(OTHER);
      expect([statusOf(card), textsOf(card)]).toEqual(['PENDING', []]);
      control().behave();
      await core.clock.advance(61_000);
      await dieAndRunAgain({ at: 'cancelInstance', when }, () => core.run(ISSUE));
      await pass(HOUR);
      expect([statusOf(card), textsOf(card)]).toEqual([
        'CANCELED',
        [expect.stringContaining(`${CHANGED}. A new request goes to ${OTHER};`)],
      ]);
    },
  );

  it('about an address that looks like code, even if Feishu returns it escaped', async () => {
    const address = `o'brien&<b>@example.com`;
    const card = core.card();
    escapes = true;
    await dieAndRunAgain({ at: 'addComment', when: 'AFTER' }, () => assign(address));
    await pass(HOUR);
    expect(textsOf(card)).toEqual([expect.stringContaining(`新的请求将发送给 ${address}，`)]);
  });

  it('with the first name, even if somebody else is asked when it is tried again', async () => {
    const card = core.card();
    death = { at: 'addComment', when: 'AFTER' };
    await expect(assign(OTHER)).rejects.toThrow('the container is gone');
    await assign('third@example.com');
    await pass(HOUR);
    expect(core.pending('third@example.com')).toHaveLength(1);
    expect(textsOf(card)).toEqual([expect.stringContaining(`A new request goes to ${OTHER};`)]);
  });

  it('and keeps an earlier comment, which is not repeated', async () => {
    const card = core.card();
    control().transfer(card.instanceCode, ASSIGNEE, OTHER);
    death = { at: 'addComment', when: 'AFTER' };
    await expect(core.receiveEvent(card, 'TRANSFERRED', 'TASK')).rejects.toThrow('the container is gone');
    await close();
    await pass(HOUR);
    expect(textsOf(card)).toEqual([expect.stringContaining('This request was transferred'), CLOSED]);
  });
});

describe('no comment about a withdrawal is added to a card', () => {
  it('that its initiator withdrew before', async () => {
    const card = core.card();
    control().withdraw(card.instanceCode);
    await close();
    await pass(HOUR);
    expect([statusOf(card), textsOf(card)]).toEqual(['CANCELED', []]);
  });

  it('that was deleted in Feishu', async () => {
    const card = core.card();
    control().deleteInstance(card.instanceCode);
    await close();
    await pass(HOUR);
    expect(textsOf(card)).toEqual([]);
  });

  it.each([
    ['tapped', () => control().approve(core.card().instanceCode, ASSIGNEE)],
    ['returned', () => control().rollback(core.card().instanceCode, ASSIGNEE, 'no', 'INITIATOR')],
  ])('that was %s, which gets a comment about the decision instead', async (_, decide) => {
    const card = core.card();
    decide();
    await edit('SELECT 2');
    await pass(HOUR);
    expect(textsOf(card)).toEqual([expect.stringContaining('your decision was not applied')]);
  });
});

it('a returned card says that it was withdrawn because it was returned', async () => {
  const card = core.card();
  control().rollback(card.instanceCode, ASSIGNEE, 'no', 'INITIATOR');
  await core.receiveEvent(card, 'ROLLBACK', 'TASK');
  await core.clock.advance(61_000);
  await core.run(ISSUE);
  expect([statusOf(card), textsOf(card)]).toEqual([
    'CANCELED',
    [expect.stringContaining('withdrawn: it was returned to the requester, which counts as a rejection.')],
  ]);
});
