import fc from 'fast-check';
import type { Step } from '../../shared/issue/record.ts';
import type { FeishuAction, FrabitAction, OaAction } from './actions.ts';
import { FLOW_NAMES, type PersonName } from './frabit.ts';
import { DIFFERENCES } from './task-differences.ts';

/** Random actions of Frabit, of people in Feishu, and of the OA. Rare ones that find many defects have a higher weight. */

export const issue = fc.constantFrom(0 as const, 1 as const);
export const small = fc.nat(2);
export const person = fc.constantFrom<PersonName>('alice', 'bob', 'carol', 'stranger');
export const doing = <D extends string>(...names: D[]) => fc.constantFrom(...names);

const status = fc.constantFrom<Step['status']>('PENDING', 'PENDING', 'PENDING', 'APPROVED', 'REJECTED');
export const oaFlow: fc.Arbitrary<FrabitAction> = fc.record({
  do: doing('OA_FLOW'),
  issue,
  steps: fc.constantFrom(...FLOW_NAMES),
  review: fc.constantFrom<Step['status']>('APPROVED', 'APPROVED', 'PENDING', 'REJECTED'),
  oaStatus: status,
});

export const difference = fc.constantFrom(...DIFFERENCES);
export const alikeTasks: fc.Arbitrary<FrabitAction> = fc.record({
  do: doing('MAKE_ALIKE'),
  issue,
  difference,
});
export const fullCard: fc.Arbitrary<FrabitAction> = fc.record({
  do: doing('FILL_CARD'),
  issue: fc.constant(0 as const),
  extra: fc.constantFrom(0, 1, 1, 2),
});

export const frabitAction: fc.Arbitrary<FrabitAction> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: doing('EDIT_SQL'),
      issue,
      task: small,
      sql: fc.nat(5),
      keepsStatus: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: doing('CHANGE_DATABASE'),
      issue,
      task: small,
      database: small,
      keepsStatus: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: doing('CHANGE_FIELD'),
      issue,
      task: small,
      difference,
      keepsStatus: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: alikeTasks },
  { weight: 4, arbitrary: fc.record({ do: doing('ASSIGN'), issue, to: fc.option(person, { freq: 8 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: doing('RING'), issue, by: fc.constantFrom('CREATOR', 'CREATOR', 'OTHER') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: doing('GO_TO_STAGE'), issue, stage: fc.constantFrom(0, 1, null) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: doing('SET_STATUS'),
      issue,
      status: fc.constantFrom('OPEN', 'OPEN', 'DONE', 'CANCELED'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: doing('SET_TASKS'),
      issue,
      status: fc.constantFrom('PENDING', 'PENDING_APPROVAL', 'DONE'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: doing('SET_TASK'),
      issue,
      task: small,
      status: fc.constantFrom(
        'PENDING_APPROVAL',
        'PENDING_APPROVAL',
        'PENDING_APPROVAL',
        'CANCELED',
        'CANCELED',
        'DONE',
        'SKIPPED',
        'PENDING',
        'RUNNING',
        'FAILED',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: doing('ADD_TASK'),
      issue,
      status: fc.constantFrom('PENDING_APPROVAL', 'PENDING', 'CANCELED'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: doing('DROP_TASK', 'RENAME', 'CREATE', 'DELETE', 'BREAK', 'FIX', 'FIX', 'UNDO', 'UNDO'),
      issue,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: doing('CHECK'),
      issue,
      check: fc.constantFrom('SUCCESS', 'RUNNING', 'ERROR', null),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: doing('MODE'), issue, mode: fc.constantFrom('AUTO', 'BELL_ONLY') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: doing('FLOW'),
      issue,
      status: fc.constantFrom('PENDING', 'APPROVED', 'REJECTED', null),
    }),
  },
  { weight: 3, arbitrary: oaFlow },
  { weight: 1, arbitrary: fc.record({ do: doing('RESTORE'), issue, back: fc.nat(6) }) },
);

export const feishuAction: fc.Arbitrary<FeishuAction> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: doing('APPROVE'), card: small }) },
  { weight: 3, arbitrary: fc.record({ do: doing('REJECT'), card: small }) },
  { weight: 2, arbitrary: fc.record({ do: doing('TRANSFER'), card: small, to: person }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: doing('ADD_SIGNER'),
      card: small,
      who: person,
      place: fc.constantFrom('BEFORE', 'WITH', 'AFTER'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: doing(
        'ROLLBACK',
        'RETURN',
        'RETURN',
        'RESUBMIT',
        'OVERTIME_REJECTED',
        'WITHDRAW_CARD',
        'DELETE_CARD',
        'OVERTIME',
        'RECOVER',
        'AUTO_PASS',
        'AUTO_REJECT',
      ),
      card: small,
    }),
  },
);

export const oaAction: fc.Arbitrary<OaAction> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: doing('OA_APPROVE'), approval: small }) },
  { weight: 3, arbitrary: fc.record({ do: doing('OA_REJECT'), approval: small }) },
  { weight: 1, arbitrary: fc.record({ do: doing('OA_FORGET') }) },
);
