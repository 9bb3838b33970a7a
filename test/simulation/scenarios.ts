import type { OaFault } from '../../infra/local/simulators/oa/faults.ts';
import type { RetentionDays } from '../../shared/approval/plan/issue-memory.ts';
import type { Task } from '../../shared/issue/record.ts';
import { openApprovals } from './act-as-people.ts';
import type { Action } from './actions.ts';
import { type FlowName, type IssueIndex, PEOPLE, type PersonName } from './frabit.ts';
import { perform } from './perform-action.ts';
import type { World } from './world.ts';

/** A story with one possible outcome. After each step everything is delivered. */
export interface Scenario {
  name: string;
  /** Whether `npm test` plays its crash points. The deep tier plays those of the other scenarios. */
  fast?: true;
  /** For how long the items of an issue that is over are kept. Absent: for ever. */
  retention?: RetentionDays;
  steps: ((world: World) => Promise<unknown>)[];
}

const act =
  (action: Action) =>
  (world: World): Promise<unknown> =>
    perform(world, action);

/** A person decides on the only card that is pending for them. */
const decide = (result: 'approve' | 'reject', who: PersonName, comment?: string) => async (world: World) => {
  const { pending } = world.tenant.control.inbox(PEOPLE[who]);
  const [card] = pending;
  if (!card || pending.length > 1) throw new Error(`${pending.length} cards wait for ${who}, not one`);
  world.tenant.control[result](card.instanceCode, PEOPLE[who], comment);
};

const pass = (hours: number) => (world: World) => world.rest(hours);

/** The OA decides on the only approval that it has. */
const decideAt = (what: 'OA_APPROVE' | 'OA_REJECT') => async (world: World) => {
  const open = openApprovals(world);
  if (open.length !== 1) throw new Error(`the OA has ${open.length} approvals, not one`);
  await perform(world, { do: what, approval: 0 });
};
const approveAtOa = decideAt('OA_APPROVE');
const oaFault = (fault: OaFault) => async (world: World) => world.oa.control.misbehave(fault);
const endFaults = async (world: World) => world.oa.control.behave();
const inOneStep =
  (...steps: Scenario['steps']) =>
  async (world: World) => {
    for (const step of steps) await step(world);
  };

const write = act({ do: 'CREATE', issue: 0 });
const withOa = (issue: IssueIndex, steps: FlowName = 'OA') =>
  act({ do: 'OA_FLOW', issue, steps, review: 'APPROVED', oaStatus: 'PENDING' });
/** Frabit writes an issue that an OA must approve first. */
const writeForOa = inOneStep(write, withOa(0));
const assign = (to: PersonName) => act({ do: 'ASSIGN', issue: 0, to });
const edit = (sql: number, keepsStatus = false) =>
  act({ do: 'EDIT_SQL', issue: 0, task: 0, sql, keepsStatus });
const setTask = (task: number, status: Task['status']) => act({ do: 'SET_TASK', issue: 0, task, status });
const ring = act({ do: 'RING', issue: 0, by: 'CREATOR' });
const goTo = (stage: 0 | 1) => act({ do: 'GO_TO_STAGE', issue: 0, stage });

/** The steps of `npm run demo` (infra/local/demo/main.ts). */
export const DEMO: Scenario = {
  name: 'the demo',
  steps: [
    write,
    assign('bob'),
    edit(3),
    ring,
    decide('approve', 'bob'),
    act({ do: 'SET_TASKS', issue: 0, status: 'DONE' }),
    goTo(1),
    decide('reject', 'bob', 'Please run this after the release.'),
    ring,
    decide('approve', 'bob'),
    inOneStep(act({ do: 'CREATE', issue: 1 }), withOa(1)),
    act({ do: 'EDIT_SQL', issue: 1, task: 0, sql: 3, keepsStatus: false }),
    approveAtOa,
    decide('approve', 'alice'),
  ],
};

/** Scenarios with a step that an OA decides before any stage. */
export const OA_SCENARIOS: readonly Scenario[] = [
  {
    name: 'approved by the OA, then edited, and sent to the OA and to Feishu again',
    steps: [writeForOa, approveAtOa, edit(3), approveAtOa, decide('approve', 'alice')],
  },
  {
    name: 'rejected by the OA, then a ring',
    steps: [writeForOa, decideAt('OA_REJECT'), ring, approveAtOa, decide('approve', 'alice')],
  },
  {
    name: 'a ring while the OA decides',
    steps: [writeForOa, ring, approveAtOa, decide('approve', 'alice')],
  },
  {
    name: 'edited while the OA decides',
    steps: [writeForOa, inOneStep(edit(4), approveAtOa), approveAtOa, decide('approve', 'alice')],
  },
  {
    name: 'two steps of an OA, and the issue closed and opened at the second',
    steps: [
      inOneStep(write, withOa(0, 'TWO_OAS')),
      approveAtOa,
      act({ do: 'SET_STATUS', issue: 0, status: 'CANCELED' }),
      act({ do: 'SET_STATUS', issue: 0, status: 'OPEN' }),
      approveAtOa,
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'an OA that creates the approval without an answer, then loses it',
    steps: [
      inOneStep(oaFault({ kind: 'RESET_AFTER', on: 'POST', times: 1 }), writeForOa),
      act({ do: 'OA_FORGET' }),
      pass(2),
      approveAtOa,
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'an OA that is unavailable for minutes while the issue is edited',
    steps: [
      writeForOa,
      inOneStep(oaFault({ kind: 'STATUS', status: 503 }), edit(2)),
      pass(0.05),
      endFaults,
      pass(0.5),
      approveAtOa,
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'an OA whose events are all lost',
    fast: true,
    steps: [
      writeForOa,
      inOneStep(oaFault({ kind: 'LOSE_EVENT' }), approveAtOa),
      pass(1),
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'deleted while the OA decides, and written again',
    steps: [writeForOa, act({ do: 'DELETE', issue: 0 }), writeForOa, approveAtOa, decide('approve', 'alice')],
  },
  {
    name: 'approved by the OA, deleted, and written again: an approval counts once',
    steps: [writeForOa, approveAtOa, act({ do: 'DELETE', issue: 0 }), writeForOa, approveAtOa],
  },
];

/** Scenarios with a stage that Feishu asks about. */
export const FEISHU_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a creator who is not in Feishu, so the bot is the initiator',
    steps: [act({ do: 'CREATE', issue: 1 }), decide('approve', 'alice')],
  },
  {
    name: 'a decision on SQL that changes at the same moment',
    steps: [
      write,
      async (world) => {
        await edit(4)(world);
        await decide('approve', 'alice')(world);
      },
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'a task that the card shows as canceled asks, and the old card is approved',
    steps: [
      inOneStep(write, setTask(1, 'CANCELED')),
      inOneStep(setTask(1, 'PENDING_APPROVAL'), decide('approve', 'alice')),
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'a ready task joins an approved stage',
    steps: [
      write,
      decide('approve', 'alice'),
      act({ do: 'ADD_TASK', issue: 0, status: 'PENDING' }),
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'a ring while the approver decides',
    fast: true,
    steps: [
      write,
      async (world) => {
        await ring(world);
        await decide('approve', 'alice')(world);
      },
    ],
  },
  {
    name: 'approved, then edited without asking again',
    steps: [write, decide('approve', 'alice'), edit(2, true), decide('reject', 'alice')],
  },
  {
    name: 'the items of an issue expire: closed, opened again, approved, and deleted',
    retention: { roundDays: 90, shownDays: 30 },
    steps: [
      write,
      act({ do: 'SET_STATUS', issue: 0, status: 'CANCELED' }),
      act({ do: 'SET_STATUS', issue: 0, status: 'OPEN' }),
      decide('approve', 'alice'),
      act({ do: 'DELETE', issue: 0 }),
    ],
  },
  {
    name: 'the issue is closed and opened again',
    steps: [
      write,
      act({ do: 'SET_STATUS', issue: 0, status: 'CANCELED' }),
      act({ do: 'SET_STATUS', issue: 0, status: 'OPEN' }),
    ],
  },
  {
    name: 'approved in Frabit itself',
    steps: [write, act({ do: 'SET_TASKS', issue: 0, status: 'PENDING' })],
  },
  { name: 'deleted', steps: [write, act({ do: 'DELETE', issue: 0 })] },
  {
    name: 'transferred, and approved by the colleague',
    steps: [
      write,
      act({ do: 'TRANSFER', card: 0, to: 'carol' }),
      decide('approve', 'carol'),
      ring,
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'an approver who is not in Feishu, then one who is',
    steps: [
      async (world) => {
        await write(world);
        await assign('stranger')(world);
      },
      assign('bob'),
      decide('approve', 'bob'),
    ],
  },
  {
    name: 'a record that is invalid during a decision, then fixed',
    steps: [write, act({ do: 'BREAK', issue: 0 }), decide('approve', 'alice'), act({ do: 'FIX', issue: 0 })],
  },
  {
    name: 'disabled and enabled again',
    steps: [
      write,
      (world) => world.saveSettings({ enabled: false }),
      (world) => world.saveSettings({ enabled: true }),
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'a create that Feishu carries out and does not answer',
    fast: true,
    steps: [
      (world) => {
        world.tenant.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
        return write(world);
      },
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'a card that is too large for the tenant',
    steps: [
      (world) => {
        world.tenant.control.setCreateLimit({ bytes: 70_000, answer: 1390001 });
        return inOneStep(write, edit(5))(world);
      },
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'a tenant that refuses i18n keys',
    steps: [
      async (world) => {
        world.tenant.control.setKeysRefused(true);
        await write(world);
      },
      edit(3),
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'a lost create, then a refused one',
    steps: [
      (world) => {
        world.tenant.control.misbehave({ kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 1 });
        world.tenant.control.setKeysRefused(true);
        return write(world);
      },
      pass(2),
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'cut cards refused by the settings, then allowed',
    steps: [
      (world) => world.saveSettings({ cutForms: 'refuse' }),
      (world) => {
        world.tenant.control.setCreateLimit({ bytes: 30_000, answer: 60006 });
        return inOneStep(write, edit(5))(world);
      },
      // Time to look for a create that a crash left without an answer.
      pass(2),
      (world) => world.saveSettings({ cutForms: 'allow' }),
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'withdrawn in Feishu, then a ring',
    steps: [write, act({ do: 'WITHDRAW_CARD', card: 0 }), ring, decide('approve', 'alice')],
  },
  {
    name: 'reminded, then approved',
    steps: [
      (world) => world.saveSettings({ reminderHours: 1 }),
      write,
      pass(1.1),
      pass(1),
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'expired, then a ring',
    steps: [
      (world) => world.saveSettings({ expiryHours: 1 }),
      write,
      pass(1.1),
      ring,
      decide('approve', 'alice'),
    ],
  },
  {
    name: 'a decision whose events are all lost',
    fast: true,
    steps: [
      write,
      async (world) => {
        world.tenant.control.misbehave({ kind: 'LOSE' });
        await decide('approve', 'alice')(world);
      },
      pass(1),
    ],
  },
];

const ALL = [...FEISHU_SCENARIOS, ...OA_SCENARIOS];
export const FAST_SCENARIOS = ALL.filter(({ fast }) => fast);
