import type { OaFault } from '../../infra/local/simulators/oa/faults.ts';
import type { Task } from '../../shared/issue/record.ts';
import { type Action, openApprovals, perform } from './actions.ts';
import { type FlowName, type IssueIndex, PEOPLE, type PersonName } from './frabit.ts';
import type { World } from './world.ts';

/** Stories with one outcome, told step by step; after each step everything is delivered and comes to rest. */
export interface Scenario {
  name: string;
  /** `npm test` plays its crash points; those of the others are left to the deep tier. */
  fast?: true;
  steps: ((world: World) => Promise<unknown>)[];
}

const frabit =
  (action: Action) =>
  (world: World): Promise<unknown> =>
    perform(world, action);

/** A person decides on the one card that waits for them. */
const tap = (result: 'approve' | 'reject', who: PersonName, comment?: string) => async (world: World) => {
  const { pending } = world.tenant.control.inbox(PEOPLE[who]);
  const [card] = pending;
  if (!card || pending.length > 1) throw new Error(`${pending.length} cards wait for ${who}, not one`);
  world.tenant.control[result](card.instanceCode, PEOPLE[who], comment);
};

const pass = (hours: number) => (world: World) => world.rest(hours);

/** The OA decides on the one approval that it has. */
const decideAt = (what: 'OA_APPROVE' | 'OA_REJECT') => async (world: World) => {
  const open = openApprovals(world);
  if (open.length !== 1) throw new Error(`the OA has ${open.length} approvals, not one`);
  await perform(world, { do: what, approval: 0 });
};
const approveAtOa = decideAt('OA_APPROVE');
const oaFault = (fault: OaFault) => async (world: World) => world.oa.control.misbehave(fault);
const behave = async (world: World) => world.oa.control.behave();
const inOneGo =
  (...steps: Scenario['steps']) =>
  async (world: World) => {
    for (const step of steps) await step(world);
  };

const write = frabit({ do: 'CREATE', issue: 0 });
const withOa = (issue: IssueIndex, steps: FlowName = 'OA') =>
  frabit({ do: 'OA_FLOW', issue, steps, review: 'APPROVED', oaStatus: 'PENDING' });
/** Frabit writes an issue that an OA has to approve first. */
const writeForOa = inOneGo(write, withOa(0));
const assign = (to: PersonName) => frabit({ do: 'ASSIGN', issue: 0, to });
const edit = (sql: number, keepsStatus = false) =>
  frabit({ do: 'EDIT_SQL', issue: 0, task: 0, sql, keepsStatus });
const setTask = (task: number, status: Task['status']) => frabit({ do: 'SET_TASK', issue: 0, task, status });
const ring = frabit({ do: 'RING', issue: 0, by: 'CREATOR' });
const goTo = (stage: 0 | 1) => frabit({ do: 'GO_TO_STAGE', issue: 0, stage });

/** What `npm run demo` shows, step for step (infra/local/demo/main.ts). */
export const DEMO: Scenario = {
  name: 'the demo',
  steps: [
    write,
    assign('bob'),
    edit(3),
    ring,
    tap('approve', 'bob'),
    frabit({ do: 'SET_TASKS', issue: 0, status: 'DONE' }),
    goTo(1),
    tap('reject', 'bob', 'Please run this after the release.'),
    ring,
    tap('approve', 'bob'),
    inOneGo(frabit({ do: 'CREATE', issue: 1 }), withOa(1)),
    frabit({ do: 'EDIT_SQL', issue: 1, task: 0, sql: 3, keepsStatus: false }),
    approveAtOa,
    tap('approve', 'alice'),
  ],
};

/** A step that an OA decides, before any stage. */
export const OA_SCENARIOS: readonly Scenario[] = [
  {
    name: 'approved by the OA, then edited, and asked of both anew',
    steps: [writeForOa, approveAtOa, edit(3), approveAtOa, tap('approve', 'alice')],
  },
  {
    name: 'rejected by the OA, then the bell',
    steps: [writeForOa, decideAt('OA_REJECT'), ring, approveAtOa, tap('approve', 'alice')],
  },
  {
    name: 'the bell while the OA has it',
    steps: [writeForOa, ring, approveAtOa, tap('approve', 'alice')],
  },
  {
    name: 'edited while the OA decides',
    steps: [writeForOa, inOneGo(edit(4), approveAtOa), approveAtOa, tap('approve', 'alice')],
  },
  {
    name: 'two steps of an OA, and the issue closed at the second',
    steps: [
      inOneGo(write, withOa(0, 'TWO_OAS')),
      approveAtOa,
      frabit({ do: 'SET_STATUS', issue: 0, status: 'CANCELED' }),
      frabit({ do: 'SET_STATUS', issue: 0, status: 'OPEN' }),
      approveAtOa,
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'an OA that carries out and does not answer, then forgets',
    steps: [
      inOneGo(oaFault({ kind: 'RESET_AFTER', on: 'POST', times: 1 }), writeForOa),
      frabit({ do: 'OA_FORGET' }),
      pass(2),
      approveAtOa,
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'an OA that is gone for minutes, and the issue edited meanwhile',
    steps: [
      writeForOa,
      inOneGo(oaFault({ kind: 'STATUS', status: 503 }), edit(2)),
      pass(0.05),
      behave,
      pass(0.5),
      approveAtOa,
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'an OA whose every word is lost',
    fast: true,
    steps: [
      writeForOa,
      inOneGo(oaFault({ kind: 'LOSE_EVENT' }), approveAtOa),
      pass(1),
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'deleted while the OA has it, and written again',
    steps: [writeForOa, frabit({ do: 'DELETE', issue: 0 }), writeForOa, approveAtOa, tap('approve', 'alice')],
  },
  {
    name: 'approved by the OA, deleted, and written again: an approval is used once',
    steps: [writeForOa, approveAtOa, frabit({ do: 'DELETE', issue: 0 }), writeForOa, approveAtOa],
  },
];

/** A stage that is asked in Feishu. */
export const FEISHU_SCENARIOS: readonly Scenario[] = [
  {
    name: 'the bot asks for a creator who is not in Feishu',
    steps: [frabit({ do: 'CREATE', issue: 1 }), tap('approve', 'alice')],
  },
  {
    name: 'a decision on SQL that was changed in the same moment',
    steps: [
      write,
      async (world) => {
        await edit(4)(world);
        await tap('approve', 'alice')(world);
      },
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'a task that the card calls canceled asks, and the old card is tapped',
    steps: [
      inOneGo(write, setTask(1, 'CANCELED')),
      inOneGo(setTask(1, 'PENDING_APPROVAL'), tap('approve', 'alice')),
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'a task joins an approved stage ready to run',
    steps: [
      write,
      tap('approve', 'alice'),
      frabit({ do: 'ADD_TASK', issue: 0, status: 'PENDING' }),
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'the bell while the approver taps',
    fast: true,
    steps: [
      write,
      async (world) => {
        await ring(world);
        await tap('approve', 'alice')(world);
      },
    ],
  },
  {
    name: 'approved, then edited without asking again',
    steps: [write, tap('approve', 'alice'), edit(2, true), tap('reject', 'alice')],
  },
  {
    name: 'the issue is closed and opened again',
    steps: [
      write,
      frabit({ do: 'SET_STATUS', issue: 0, status: 'CANCELED' }),
      frabit({ do: 'SET_STATUS', issue: 0, status: 'OPEN' }),
    ],
  },
  {
    name: 'approved in Frabit itself',
    steps: [write, frabit({ do: 'SET_TASKS', issue: 0, status: 'PENDING' })],
  },
  { name: 'deleted', steps: [write, frabit({ do: 'DELETE', issue: 0 })] },
  {
    name: 'transferred, and approved by the colleague',
    steps: [
      write,
      frabit({ do: 'TRANSFER', card: 0, to: 'carol' }),
      tap('approve', 'carol'),
      ring,
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'nobody in Feishu, then somebody',
    steps: [
      async (world) => {
        await write(world);
        await assign('stranger')(world);
      },
      assign('bob'),
      tap('approve', 'bob'),
    ],
  },
  {
    name: 'an invalid record with a decision, mended',
    steps: [
      write,
      frabit({ do: 'BREAK', issue: 0 }),
      tap('approve', 'alice'),
      frabit({ do: 'FIX', issue: 0 }),
    ],
  },
  {
    name: 'switched off and on again',
    steps: [
      write,
      (world) => world.saveSettings({ enabled: false }),
      (world) => world.saveSettings({ enabled: true }),
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'a create that Feishu commits and does not answer',
    fast: true,
    steps: [
      (world) => {
        world.tenant.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
        return write(world);
      },
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'too large for the tenant',
    steps: [
      (world) => {
        world.tenant.control.setCreateLimit({ bytes: 70_000, answer: 1390001 });
        return inOneGo(write, edit(5))(world);
      },
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'a tenant that takes no keys',
    steps: [
      async (world) => {
        world.tenant.control.setKeysRefused(true);
        await write(world);
      },
      edit(3),
      tap('approve', 'alice'),
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
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'cut cards refused, then allowed',
    steps: [
      (world) => world.saveSettings({ cutForms: 'refuse' }),
      (world) => {
        world.tenant.control.setCreateLimit({ bytes: 30_000, answer: 60006 });
        return inOneGo(write, edit(5))(world);
      },
      // A create that a crash left without an answer is looked for.
      pass(2),
      (world) => world.saveSettings({ cutForms: 'allow' }),
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'taken back in Feishu, then the bell',
    steps: [write, frabit({ do: 'WITHDRAW_CARD', card: 0 }), ring, tap('approve', 'alice')],
  },
  {
    name: 'reminded, then approved',
    steps: [
      (world) => world.saveSettings({ reminderHours: 1 }),
      write,
      pass(1.1),
      pass(1),
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'nobody decides in time, then the bell',
    steps: [
      (world) => world.saveSettings({ expiryHours: 1 }),
      write,
      pass(1.1),
      ring,
      tap('approve', 'alice'),
    ],
  },
  {
    name: 'every event is lost, and the sweep looks',
    fast: true,
    steps: [
      write,
      async (world) => {
        world.tenant.control.misbehave({ kind: 'LOSE' });
        await tap('approve', 'alice')(world);
      },
      pass(1),
    ],
  },
];

const STAGES_AND_STEPS = [...FEISHU_SCENARIOS, ...OA_SCENARIOS];
export const FAST_SCENARIOS = STAGES_AND_STEPS.filter(({ fast }) => fast);
