import { type ChannelSide, describeChannel } from '../../support/channel-suite.ts';
import { ASSIGNEE, type Core } from '../../support/core.ts';
import { useCore } from '../../support/use-core.ts';

/** What every channel must do. Each adapter is the real one and talks to its simulator (docs/design.md 4). */

const core = useCore();

const card = ({ simulator }: Core) => {
  const [first] = simulator.control.inbox(ASSIGNEE).pending;
  if (!first) throw new Error('no card waits');
  return first.instanceCode;
};
const approval = ({ oa }: Core) => [...oa.approvals.keys()].at(-1) ?? '';

const SIDES: Record<string, ChannelSide> = {
  Feishu: {
    subject: { kind: 'STAGE', id: 'stage-1' },
    asked: ({ simulator }) => {
      const { pending, decided } = simulator.control.inbox(ASSIGNEE);
      return [...pending, ...decided].map((one) => ({ status: one.status, text: JSON.stringify(one.form) }));
    },
    approve: (at, comment) => void at.simulator.control.approve(card(at), ASSIGNEE, comment),
    reject: (at, comment) => void at.simulator.control.reject(card(at), ASSIGNEE, comment),
    loseAnswer: ({ simulator }) =>
      simulator.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 }),
    fail: ({ simulator }) => simulator.control.misbehave({ kind: 'BAD_GATEWAY' }),
    limit: ({ simulator }, resetSeconds) =>
      simulator.control.misbehave({ kind: 'RATE_LIMITED', resetSeconds, times: 10 }),
    decider: { email: ASSIGNEE },
    unasked: 'UNKNOWN',
  },
  'an OA': {
    subject: { kind: 'STEP', id: 'oa' },
    asked: ({ oa }) =>
      [...oa.approvals.values()].map(({ status, request }) => ({ status, text: JSON.stringify(request) })),
    approve: (at, comment) => void at.oa.control.approve(approval(at), 'board@example.com', comment),
    reject: (at, comment) => void at.oa.control.reject(approval(at), 'board@example.com', comment),
    loseAnswer: ({ oa }) => oa.control.misbehave({ kind: 'RESET_AFTER', on: 'POST', times: 1 }),
    fail: ({ oa }) => oa.control.misbehave({ kind: 'STATUS', status: 502 }),
    limit: ({ oa }, retryAfterSeconds) =>
      oa.control.misbehave({ kind: 'STATUS', status: 429, retryAfterSeconds, times: 10 }),
    decider: { email: 'board@example.com' },
    unasked: 'ASKED',
  },
};

for (const [name, side] of Object.entries(SIDES)) describeChannel(name, side, core);
