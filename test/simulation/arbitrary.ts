import fc from 'fast-check';
import type { Fault } from '../../infra/local/simulators/feishu/faults.ts';
import type { CreateLimit } from '../../infra/local/simulators/feishu/instance-switches.ts';
import type { OaFault } from '../../infra/local/simulators/oa/faults.ts';
import type { Step } from '../../shared/issue/record.ts';
import type {
  Action,
  FeishuAction,
  FrabitAction,
  InterruptAction,
  OaAction,
  TroubleAction,
} from './actions.ts';
import { FLOW_NAMES, type PersonName } from './frabit.ts';
import { DIFFERENCES } from './task-differences.ts';

/** What may happen, with what is likely and what bites more often than the rest. */

const issue = fc.constantFrom(0 as const, 1 as const);
const small = fc.nat(2);
const person = fc.constantFrom<PersonName>('alice', 'bob', 'carol', 'stranger');
const doing = <D extends string>(...names: D[]) => fc.constantFrom(...names);

const status = fc.constantFrom<Step['status']>('PENDING', 'PENDING', 'PENDING', 'APPROVED', 'REJECTED');
const oaFlow: fc.Arbitrary<FrabitAction> = fc.record({
  do: doing('OA_FLOW'),
  issue,
  steps: fc.constantFrom(...FLOW_NAMES),
  review: fc.constantFrom<Step['status']>('APPROVED', 'APPROVED', 'PENDING', 'REJECTED'),
  oaStatus: status,
});

const difference = fc.constantFrom(...DIFFERENCES);
const twins: fc.Arbitrary<FrabitAction> = fc.record({ do: doing('MAKE_ALIKE'), issue, difference });
const filled: fc.Arbitrary<FrabitAction> = fc.record({
  do: doing('FILL_CARD'),
  issue: fc.constant(0 as const),
  extra: fc.constantFrom(0, 1, 1, 2),
});

const frabitAction: fc.Arbitrary<FrabitAction> = fc.oneof(
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
  { weight: 3, arbitrary: twins },
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

const feishuAction: fc.Arbitrary<FeishuAction> = fc.oneof(
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

const oaAction: fc.Arbitrary<OaAction> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: doing('OA_APPROVE'), approval: small }) },
  { weight: 3, arbitrary: fc.record({ do: doing('OA_REJECT'), approval: small }) },
  { weight: 1, arbitrary: fc.record({ do: doing('OA_FORGET') }) },
);

const oaFault: fc.Arbitrary<OaFault> = fc
  .oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: doing(
          'HANG',
          'RESET_BEFORE',
          'RESET_AFTER',
          'BAD_BODY',
          'HUGE_ANSWER',
          'REDIRECT',
          'UNKNOWN_STATUS',
        ),
        on: fc.option(doing('POST', 'GET', 'PATCH'), { nil: undefined }),
        times: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: doing('STATUS'),
        on: fc.option(doing('POST', 'GET', 'PATCH'), { nil: undefined }),
        times: fc.integer({ min: 1, max: 4 }),
        status: fc.constantFrom(401, 404, 409, 422, 429, 500, 503),
        carriedOut: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: doing('SLOW'),
        times: fc.constantFrom(1, 3),
        ms: fc.constantFrom(900, 6_000),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: doing('STALE_READ', 'LOSE_EVENT', 'DUPLICATE_EVENT', 'REORDER_EVENT'),
        times: fc.integer({ min: 1, max: 3 }),
      }),
    },
  )
  .map((one) => JSON.parse(JSON.stringify(one)));

const endpoint = fc.constantFrom(
  'createInstance',
  'createInstance',
  'getInstance',
  'cancelInstance',
  'people',
  'createComment',
  undefined,
);
const fault: fc.Arbitrary<Fault> = fc
  .oneof(
    fc.record({
      kind: doing('RATE_LIMITED'),
      endpoint,
      times: fc.integer({ min: 1, max: 3 }),
      resetSeconds: fc.constantFrom(1, 40),
    }),
    fc.record({
      kind: doing(
        'HANG',
        'RESET_BEFORE',
        'RESET_AFTER',
        'BAD_GATEWAY',
        'STALE_READ',
        'TOKEN_INVALID',
        'TOKEN_EXPIRED_EARLY',
      ),
      endpoint,
      times: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({
      kind: doing('ERROR_CODE'),
      endpoint,
      times: fc.integer({ min: 1, max: 2 }),
      code: fc.constantFrom(1395001, 1390001, 60012, 60014, 99991672, 1390009),
      status: fc.constantFrom(200, 400),
    }),
    fc.record({
      kind: doing('COMMIT_LATE'),
      endpoint: doing('createInstance'),
      times: fc.constantFrom(1, 4),
      ms: fc.constantFrom(1_000, 50_000, 600_000),
    }),
    fc.record({
      kind: doing('DUPLICATE', 'REORDER', 'LOSE', 'WHITE_SPACE'),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  )
  .map((one) => JSON.parse(JSON.stringify(one)));

/** From less than any card to less than a large one. */
const limit: fc.Arbitrary<CreateLimit> = fc.record({
  bytes: fc.constantFrom(1_000, 2_500, 3_500, 20_000, 70_000),
  answer: fc.constantFrom<CreateLimit['answer']>(1390001, 60006, 1395001, 'HTTP_413'),
});
const limitOrNone: fc.Arbitrary<CreateLimit | null> = fc.option(limit, { freq: 4 });
const takes: fc.Arbitrary<TroubleAction> = fc.record({
  do: doing('LIMIT_CREATES'),
  limit: limitOrNone,
  keysRefused: fc.boolean(),
});
const unanswered: fc.Arbitrary<TroubleAction> = fc.record({ do: doing('LOSE_CREATE'), late: fc.boolean() });

const hours = fc.option(fc.constantFrom(0.5, 3), { freq: 2 });
const troubleAction: fc.Arbitrary<TroubleAction> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: doing('FAULT'), fault }) },
  { weight: 4, arbitrary: fc.record({ do: doing('OA_FAULT'), fault: oaFault }) },
  { weight: 1, arbitrary: fc.record({ do: doing('SAVE_NODE'), configured: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: doing('TROUBLE'),
      what: fc.constantFrom('NO_SCOPES', 'APP_DISABLED', 'QUOTA', 'DEFINITION_DISABLED', 'NONE', 'NONE'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: doing('PERSON'),
      who: person,
      state: fc.constantFrom('ACTIVE', 'FROZEN', 'RESIGNED', 'OUT_OF_RANGE'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: doing('LOSE_HINT', 'LOSE_CHANGE', 'LOSE_EVENT', 'REPEAT_HINT') }) },
  { weight: 2, arbitrary: fc.record({ do: doing('REDRIVE'), back: fc.nat(12) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: doing('SETTINGS'),
      enabled: fc.constantFrom(true, true, false),
      reminderHours: hours,
      expiryHours: hours,
      cutForms: fc.constantFrom('allow', 'allow', 'refuse'),
      withdrawalComments: fc.constantFrom(true, true, false),
    }),
  },
  { weight: 2, arbitrary: takes },
  { weight: 2, arbitrary: unanswered },
);

const others = fc.array(
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
/** Others act, and another worker is quicker. */
const overtaken = fc
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
    how: fc.oneof(doing('KILL', 'KILL', 'FAIL', 'TWICE', 'REPEAT_HINT'), others, overtaken),
  }),
  fc.record({
    at: fc.integer({ min: 1, max: 60 }),
    of: doing('ALL'),
    when: doing('BEFORE', 'AFTER'),
    how: others,
  }),
);

/** In the moment of a transaction, something that takes away what it stands on. */
const sharp: fc.Arbitrary<FrabitAction> = fc.oneof(
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
const inTransaction: fc.Arbitrary<InterruptAction> = fc.record({
  at: fc.integer({ min: 1, max: 2 }),
  of: doing('TRANSACTIONS'),
  when: doing('BEFORE'),
  how: fc.oneof(
    { weight: 4, arbitrary: sharp.map((one) => [one]) },
    { weight: 1, arbitrary: doing('REPEAT_HINT') },
  ),
});

const calm: fc.Arbitrary<Action> = fc.constant({ do: 'DRAIN' });
/** Within reach of what most deliveries do. */
const kill: fc.Arbitrary<InterruptAction> = fc.record({
  at: fc.integer({ min: 1, max: 8 }),
  of: doing('WRITES'),
  when: doing('BEFORE', 'AFTER'),
  how: doing('KILL', 'KILL', 'FAIL', 'TWICE'),
});
/** Killed once the card was taken back, and then the change that it was taken back for is undone. */
const undone: fc.Arbitrary<Action[]> = issue.map((index) => [
  { do: 'DRAIN', interrupt: { at: 1, of: 'CANCELS', when: 'AFTER', how: 'KILL' } },
  { do: 'UNDO', issue: index },
]);
const delivery: fc.Arbitrary<Action[]> = fc.oneof(
  { weight: 1, arbitrary: undone },
  { weight: 6, arbitrary: calm.map((one): Action[] => [one]) },
  { weight: 5, arbitrary: kill.map((one): Action[] => [{ do: 'DRAIN', interrupt: one }]) },
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
  { weight: 4, arbitrary: inTransaction.map((one): Action[] => [{ do: 'DRAIN', interrupt: one }]) },
  { weight: 2, arbitrary: fc.constant<Action[]>([]) },
);

/** Half of the issues have to pass an OA first. */
const flows = fc.array(oaFlow, { maxLength: 2 });

/** Half of the tenants take less than everything from the beginning, or lose the first create. */
const tenant = fc
  .option(fc.oneof({ weight: 3, arbitrary: takes }, { weight: 1, arbitrary: unanswered }), { freq: 2 })
  .map((one): Action[] => (one ? [one] : []));

/** To the other stage and back before anything is delivered (docs/lessons.md 40). */
const awayAndBack: fc.Arbitrary<Action[]> = fc
  .record({ issue, away: fc.constantFrom(1, null), back: fc.constantFrom(0, 0, 1) })
  .map(({ issue: index, away, back }): Action[] => [
    { do: 'GO_TO_STAGE', issue: index, stage: away },
    { do: 'GO_TO_STAGE', issue: index, stage: back },
  ]);

/** A task joins an approved stage ready to run, is put back, is approved in Frabit itself, and then changes once more. */
const askedOnce: fc.Arbitrary<Action[]> = fc
  .record({ issue, difference })
  .map(({ issue: index, difference }): Action[] => [
    { do: 'DRAIN' },
    { do: 'APPROVE', card: 0 },
    { do: 'APPROVE', card: 1 },
    { do: 'DRAIN' },
    { do: 'ADD_TASK', issue: index, status: 'PENDING' },
    { do: 'DRAIN' },
    { do: 'SET_TASK', issue: index, task: 2, status: 'PENDING' },
    { do: 'DRAIN' },
    { do: 'CHANGE_FIELD', issue: index, task: 2, difference, keepsStatus: true },
  ]);

/** What the issues have before they are first asked for: often tasks that are alike, seldom SQL that fills a card. */
const beginnings: fc.Arbitrary<Action[]> = fc.oneof(
  { weight: 40, arbitrary: fc.array(twins, { maxLength: 2 }) },
  { weight: 1, arbitrary: filled.map((one): Action[] => [one]) },
);

/** A story: both issues are written, then one thing after another happens, each with what is delivered after it. */
export const story: fc.Arbitrary<Action[]> = fc
  .tuple(
    tenant,
    beginnings,
    flows,
    delivery,
    fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 20, arbitrary: frabitAction.map((one): Action[] => [one]) },
          { weight: 2, arbitrary: awayAndBack },
          { weight: 1, arbitrary: askedOnce },
          { weight: 16, arbitrary: feishuAction.map((one): Action[] => [one]) },
          { weight: 12, arbitrary: oaAction.map((one): Action[] => [one]) },
          { weight: 8, arbitrary: troubleAction.map((one): Action[] => [one]) },
        ),
        delivery,
      ),
      { minLength: 1, maxLength: 14 },
    ),
  )
  .map(([before, alike, asked, first, rest]): Action[] => [
    ...before,
    { do: 'CREATE', issue: 0 },
    { do: 'CREATE', issue: 1 },
    ...alike,
    ...asked,
    ...first,
    ...rest.flatMap(([actions, deliveries]) => [...actions, ...deliveries]),
  ]);
