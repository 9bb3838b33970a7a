import fc from 'fast-check';
import type { Action, FrabitAction, InterruptAction } from './actions.ts';
import { doing, feishuAction, frabitAction, issue, oaAction, oaFlow, small } from './random-actions.ts';

/** Random deliveries, and interruptions of the handlers that they start. */

const actionsOfOthers = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: frabitAction },
    { weight: 2, arbitrary: feishuAction },
    { weight: 1, arbitrary: oaAction },
  ),
  {
    minLength: 1,
    maxLength: 2,
  },
);
/** Others act, and another worker handles the same hint first. */
const overtakenByAnotherWorker = fc
  .oneof(
    { weight: 2, arbitrary: frabitAction },
    { weight: 4, arbitrary: feishuAction },
    { weight: 1, arbitrary: oaAction },
  )
  .map((one): InterruptAction['how'] => [one, { do: 'REPEAT_HINT' }]);
const interrupt: fc.Arbitrary<InterruptAction> = fc.oneof(
  fc.record({
    at: fc.integer({ min: 1, max: 25 }),
    of: doing('WRITES'),
    when: doing('BEFORE', 'AFTER'),
    how: fc.oneof(
      doing('KILL', 'KILL', 'FAIL', 'TWICE', 'REPEAT_HINT'),
      actionsOfOthers,
      overtakenByAnotherWorker,
    ),
  }),
  fc.record({
    at: fc.integer({ min: 1, max: 60 }),
    of: doing('ALL'),
    when: doing('BEFORE', 'AFTER'),
    how: actionsOfOthers,
  }),
);

/** A change that breaks a condition of a transaction. It happens just before the transaction. */
const changeOfCondition: fc.Arbitrary<FrabitAction> = fc.oneof(
  fc.record({ do: doing('SET_STATUS'), issue, status: fc.constantFrom('DONE', 'CANCELED') }),
  fc.record({ do: doing('GO_TO_STAGE'), issue, stage: fc.constantFrom(1, null) }),
  fc.record({ do: doing('ASSIGN'), issue, to: fc.constantFrom('bob', null) }),
  fc.record({ do: doing('EDIT_SQL'), issue, task: small, sql: fc.nat(5), keepsStatus: fc.boolean() }),
  fc.record({ do: doing('CHANGE_DATABASE'), issue, task: small, database: small, keepsStatus: fc.boolean() }),
  fc.record({ do: doing('FLOW'), issue, status: fc.constant('PENDING') }),
  fc.record({ do: doing('SET_TASK'), issue, task: small, status: fc.constant('PENDING_APPROVAL') }),
  oaFlow,
  fc.record({ do: doing('DELETE', 'DROP_TASK', 'BREAK', 'RENAME'), issue }),
);
const changeAtTransaction: fc.Arbitrary<InterruptAction> = fc.record({
  at: fc.integer({ min: 1, max: 2 }),
  of: doing('TRANSACTIONS'),
  when: doing('BEFORE'),
  how: fc.oneof(
    { weight: 4, arbitrary: changeOfCondition.map((one) => [one]) },
    { weight: 1, arbitrary: doing('REPEAT_HINT') },
  ),
});

const undisturbed: fc.Arbitrary<Action> = fc.constant({ do: 'DRAIN' });
/** At a low number: most deliveries make that many writes. */
const killAtWrite: fc.Arbitrary<InterruptAction> = fc.record({
  at: fc.integer({ min: 1, max: 8 }),
  of: doing('WRITES'),
  when: doing('BEFORE', 'AFTER'),
  how: doing('KILL', 'KILL', 'FAIL', 'TWICE'),
});
/** Kills the handler after it cancels a card, then undoes the change that caused the cancel. */
const killAfterCancelThenUndo: fc.Arbitrary<Action[]> = issue.map((index) => [
  { do: 'DRAIN', interrupt: { at: 1, of: 'CANCELS', when: 'AFTER', how: 'KILL' } },
  { do: 'UNDO', issue: index },
]);
export const delivery: fc.Arbitrary<Action[]> = fc.oneof(
  { weight: 1, arbitrary: killAfterCancelThenUndo },
  { weight: 6, arbitrary: undisturbed.map((one): Action[] => [one]) },
  { weight: 5, arbitrary: killAtWrite.map((one): Action[] => [{ do: 'DRAIN', interrupt: one }]) },
  { weight: 6, arbitrary: interrupt.map((one): Action[] => [{ do: 'DRAIN', interrupt: one }]) },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.oneof(
        fc.record({ do: doing('DELIVER_HINT', 'DELIVER_CHANGE', 'SWEEP') }),
        fc.record({ do: doing('DELIVER_EVENT'), event: small }),
      ),
      { maxLength: 4 },
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ do: doing('PASS_TIME'), minutes: fc.constantFrom(1, 2, 11, 40, 200, 1_500) })
      .map((one): Action[] => [one, { do: 'SWEEP' }, { do: 'DRAIN' }]),
  },
  { weight: 4, arbitrary: changeAtTransaction.map((one): Action[] => [{ do: 'DRAIN', interrupt: one }]) },
  { weight: 2, arbitrary: fc.constant<Action[]>([]) },
);
