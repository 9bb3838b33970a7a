import { actAtOa, actInFeishu, ignoreImpossible } from './act-as-people.ts';
import type { Action, InterruptAction, TroubleAction } from './actions.ts';
import type { Interruption } from './call-interceptor.ts';
import { createFrabit, PEOPLE } from './frabit.ts';
import type { World } from './world.ts';
import { writeAsFrabit } from './write-as-frabit.ts';

/** Carries out an action. Does nothing if the action is impossible in this world. */
export async function perform(world: World, action: Action): Promise<unknown> {
  const frabit = createFrabit(world);
  switch (action.do) {
    case 'DRAIN': {
      const { interrupt } = action;
      if (interrupt) world.interceptor.schedule({ ...interrupt, how: resolveHow(world, interrupt) });
      await world.drain();
      return world.interceptor.schedule();
    }
    case 'DELIVER_EVENT':
      return world.deliverEvent(action.event);
    case 'DELIVER_HINT':
      return world.deliverHint();
    case 'DELIVER_CHANGE':
      return world.deliverChange();
    case 'SWEEP':
      return world.sweep();
    case 'PASS_TIME':
      return world.clock.advance(action.minutes * 60_000);
    case 'LOSE_HINT':
      world.hintsLost = true;
      return world.queue.lose();
    case 'LOSE_CHANGE':
      world.hintsLost = true;
      return world.stream.shift();
    case 'REDRIVE':
      return world.queue.redrive(action.back);
    case 'LOSE_EVENT':
      return world.events.shift()?.answer(200);
    case 'REPEAT_HINT':
      return world.deliverHintAgain();
    case 'FAULT':
      world.refusalsExpected ||= action.fault.kind === 'ERROR_CODE';
      return world.tenant.control.misbehave(action.fault);
    case 'OA_FAULT':
      return world.oa.control.misbehave(action.fault);
    case 'SAVE_NODE':
      return world.saveNode(action.configured);
    case 'OA_APPROVE':
    case 'OA_REJECT':
    case 'OA_FORGET':
      return actAtOa(world, action);
    case 'TROUBLE':
      return breakTenant(world, action.what);
    case 'PERSON':
      world.refusalsExpected = true;
      return ignoreImpossible(() => world.tenant.control.setPersonState(PEOPLE[action.who], action.state));
    case 'SETTINGS':
      world.commentsOff ||= action.withdrawalComments === false;
      return world.saveSettings({
        enabled: action.enabled,
        reminderHours: action.reminderHours ?? undefined,
        expiryHours: action.expiryHours ?? undefined,
        cutForms: action.cutForms,
        withdrawalComments: action.withdrawalComments,
      });
    case 'LOSE_CREATE':
      world.refusalsExpected = true;
      return world.tenant.control.misbehave(
        action.late
          ? { kind: 'COMMIT_LATE', endpoint: 'createInstance', times: 1, ms: 600_000 }
          : { kind: 'RESET_BEFORE', endpoint: 'createInstance', times: 1 },
        { kind: 'ERROR_CODE', endpoint: 'createInstance', times: 1, code: 1390001, status: 400 },
      );
    case 'LIMIT_CREATES':
      world.refusalsExpected = true;
      world.tenant.control.setCreateLimit(action.limit ?? undefined);
      return world.tenant.control.setKeysRefused(action.keysRefused);
    case 'APPROVE':
    case 'REJECT':
    case 'ROLLBACK':
    case 'RETURN':
    case 'RESUBMIT':
    case 'OVERTIME_REJECTED':
    case 'TRANSFER':
    case 'ADD_SIGNER':
    case 'WITHDRAW_CARD':
    case 'DELETE_CARD':
    case 'OVERTIME':
    case 'RECOVER':
    case 'AUTO_PASS':
    case 'AUTO_REJECT':
      return ignoreImpossible(() => actInFeishu(world, action));
    default:
      return writeAsFrabit(frabit, action);
  }
}

function resolveHow(world: World, { how }: InterruptAction): Interruption['how'] {
  if (typeof how === 'string' && how !== 'REPEAT_HINT') return how;
  const actions = how === 'REPEAT_HINT' ? [{ do: how } as const] : how;
  return async () => {
    world.workersOverlapped ||= actions.some((action) => action.do === 'REPEAT_HINT');
    for (const action of actions) await perform(world, action);
  };
}

function breakTenant(world: World, what: Extract<TroubleAction, { do: 'TROUBLE' }>['what']): unknown {
  const { control, world: tenant } = world.tenant;
  switch (what) {
    case 'NO_SCOPES':
      return control.setScopes([]);
    case 'APP_DISABLED':
      return control.setAppEnabled(false);
    case 'QUOTA':
      return control.setQuotaUsedUp(true);
    case 'DEFINITION_DISABLED':
      for (const code of tenant.definitions.keys()) control.setDefinitionStatus(code, 'INACTIVE');
      return undefined;
    case 'NONE':
      return control.behave();
    default:
      return what satisfies never;
  }
}
