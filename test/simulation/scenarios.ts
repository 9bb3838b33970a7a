import type { Action } from './actions.ts';
import { perform } from './actions.ts';
import { PEOPLE, type PersonName } from './frabit.ts';
import type { World } from './world.ts';

/** Stories with one outcome, told step by step; after each step everything is delivered and comes to rest. */
export interface Scenario {
  name: string;
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

const write = frabit({ do: 'CREATE', issue: 0 });
const assign = (to: PersonName) => frabit({ do: 'ASSIGN', issue: 0, to });
const edit = (sql: number, forgets = false) => frabit({ do: 'EDIT_SQL', issue: 0, task: 0, sql, forgets });
const ring = frabit({ do: 'RING', issue: 0, by: 'CREATOR' });
const goTo = (stage: 0 | 1) => frabit({ do: 'GO_TO_STAGE', issue: 0, stage });

/** What `npm run demo` shows, step for step (infra/local/demo.ts). */
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
  ],
};

export const SCENARIOS: readonly Scenario[] = [
  DEMO,
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
    name: 'the bell while the approver taps',
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
      frabit({ do: 'MEND', issue: 0 }),
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
    steps: [
      (world) => {
        world.tenant.control.misbehave({ kind: 'RESET_AFTER', endpoint: 'createInstance', times: 1 });
        return write(world);
      },
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
