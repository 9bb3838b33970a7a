import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTenant } from '../../infra/local/simulators/feishu/tenant.ts';
import { ActRefused } from '../../infra/local/simulators/kit/control-routes.ts';
import { createFeishuGateway } from '../../shared/feishu/client.ts';
import { buildDefinition } from '../../shared/feishu/definition.ts';
import { isFeishuError } from '../../shared/feishu/errors.ts';
import { buildInstanceForm } from '../../shared/feishu/form/build-form.ts';
import type { FeishuGateway, FeishuInstance } from '../../shared/feishu/gateway.ts';
import { createFeishuSetup } from '../../shared/feishu/setup-client.ts';
import { createCallInterceptor } from '../simulation/call-interceptor.ts';
import { createFeishuFetch } from '../simulation/feishu-fetch.ts';
import { aClock } from '../support/clock.ts';
import { createGateway, DEFINITION, inbox, PEOPLE, type SmallFeishu } from './feishu.ts';
import { ASSIGNEE, CREATOR, currentStage, firstRecord, STRANGER } from './frabit.ts';

/** Compares the small Feishu with the simulated tenant: the same calls must get the same answers. */

interface Side {
  gateway: FeishuGateway;
  /** Instance codes in the order of creation. */
  codes: string[];
  /** open_id by e-mail. */
  people: Map<string, string>;
  definition: string;
  act(what: 'approve' | 'reject' | 'transfer' | 'withdraw', code: string): boolean;
}

const record = firstRecord(false);
const stage = currentStage(record) ?? fail('the first record is at a stage');
const form = buildInstanceForm({
  issue: record,
  stage,
  contentSha256: 'ab'.repeat(32),
  triggers: ['NEW_STAGE'],
  requesterIsBot: false,
});
const APP = { appId: 'cli_0123456789abcdef', domain: 'feishu' } as const;

function smallSide(): Side {
  const feishu: SmallFeishu = { instances: [], events: [] };
  const at = '2026-03-01T08:00:00.000Z';
  return {
    gateway: createGateway(
      feishu,
      () => at,
      async (_, __, run) => run(),
    ),
    codes: [],
    people: new Map(Object.entries(PEOPLE)),
    definition: DEFINITION,
    act: (what, code) => inbox[what](feishu, code, at, PEOPLE[STRANGER]),
  };
}

async function tenantSide(): Promise<Side> {
  const clock = aClock();
  const tenant = createTenant({ clock, post: async () => ({ status: 200, body: '' }), appId: APP.appId });
  const fetch = createFeishuFetch({
    tenant,
    interceptor: createCallInterceptor(),
    sleep: clock.advance,
    onCancelWithoutLook: () => {},
    onCanceled: () => {},
  });
  const options = {
    baseUrl: 'https://feishu.invalid',
    fetch,
    now: clock.now,
    sleep: clock.advance,
    credentials: async () => tenant.app,
  };
  // A team can make its definition so that an approved instance can be revoked.
  const body = buildDefinition();
  const definition = await createFeishuSetup(options).saveDefinition(APP, {
    ...body,
    settings: { ...body.settings, revert_interval: 3600 },
  });
  const gateway = createFeishuGateway(options);
  const people = await gateway.findPeople(APP, [CREATOR, ASSIGNEE, STRANGER]);
  const has = (code: string) =>
    tenant.world.instances.get(code)?.tasks.find(({ status }) => status === 'PENDING')?.openId ?? '';
  const emailOf = (openId: string) => tenant.world.people.byId('open_id', openId)?.email ?? '';
  return {
    gateway,
    codes: [],
    people,
    definition,
    act(what, code) {
      try {
        const owner = emailOf(has(code));
        if (what === 'transfer') tenant.control.transfer(code, owner, STRANGER);
        else if (what === 'withdraw') tenant.control.withdraw(code);
        else tenant.control[what](code, owner);
        return true;
      } catch (error) {
        if (error instanceof ActRefused) return false;
        throw error;
      }
    },
  };
}

type Command =
  | {
      do: 'create' | 'get' | 'cancel' | 'comment' | 'approve' | 'reject' | 'transfer' | 'withdraw';
      which: number;
    }
  | { do: 'cancel as another'; which: number };

const uuidOf = (which: number): string => `00000000-0000-4000-8000-00000000000${which}`;

async function callSide(side: Side, command: Command): Promise<unknown> {
  const { gateway, codes, people, definition } = side;
  const code = codes[command.which] ?? 'NO-SUCH-INSTANCE';
  const idOf = (email: string) => people.get(email) ?? '';
  const cancelAs = (email: string) =>
    gateway.cancelInstance(APP, { definitionCode: definition, instanceCode: code, initiator: idOf(email) });
  switch (command.do) {
    case 'create': {
      const made = await gateway.createInstance(APP, {
        definitionCode: definition,
        initiator: idOf(CREATOR),
        approver: idOf(ASSIGNEE),
        uuid: uuidOf(command.which),
        form: form.form,
        title: form.title,
        i18nResources: form.i18nResources,
      });
      codes[command.which] = made.instanceCode;
      return undefined;
    }
    case 'get':
      return shape(await gateway.getInstance(APP, uuidOf(command.which)), side);
    case 'cancel':
      return cancelAs(CREATOR);
    case 'cancel as another':
      return cancelAs(STRANGER);
    case 'comment':
      return gateway.addComment(APP, { instanceCode: code, author: idOf(CREATOR), text: 'a comment' });
    default:
      return side.act(command.do, code);
  }
}

/** Returns an instance without the ids that each side gives. */
function shape(instance: FeishuInstance | undefined, { people }: Side): unknown {
  if (!instance) return undefined;
  const personOf = (openId: string | undefined) => [...people].find(([, id]) => id === openId)?.[0];
  const { status, reverted, uuid, initiator, tasks, timeline, comments } = instance;
  const places = tasks.map(({ id }) => id);
  return {
    status,
    reverted,
    uuid,
    initiator: personOf(initiator),
    tasks: tasks.map((task) => [personOf(task.openId), task.status, task.customNodeId]),
    timeline: timeline.map((entry) => [
      entry.type,
      personOf(entry.openId),
      places.indexOf(entry.taskId ?? ''),
    ]),
    comments,
  };
}

const answer = (side: Side, command: Command): Promise<unknown> =>
  callSide(side, command).catch((error: unknown) => {
    if (!isFeishuError(error)) throw error;
    return [error.code, error.feishuCode];
  });

const command = fc.record({
  do: fc.constantFrom(
    'create',
    'get',
    'cancel',
    'cancel as another',
    'comment',
    'approve',
    'reject',
    'transfer',
    'withdraw',
  ),
  which: fc.integer({ min: 0, max: 1 }),
}) as fc.Arbitrary<Command>;

it('answers random calls as the simulated tenant does', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 14 }), async (commands) => {
      const [small, tenant] = [smallSide(), await tenantSide()];
      for (const which of [0, 1]) {
        // Make sure that most calls are about an existing instance.
        for (const side of [small, tenant]) await answer(side, { do: 'create', which });
      }
      for (const one of commands) {
        expect(await answer(small, one)).toEqual(await answer(tenant, one));
        const look: Command = { do: 'get', which: one.which };
        expect(await answer(small, look)).toEqual(await answer(tenant, look));
      }
    }),
    { numRuns: 100, seed: 20_261_130 },
  );
});

function fail(message: string): never {
  throw new Error(message);
}
