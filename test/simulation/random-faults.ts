import fc from 'fast-check';
import type { Fault } from '../../infra/local/simulators/feishu/faults.ts';
import type { CreateLimit } from '../../infra/local/simulators/feishu/instance-switches.ts';
import type { OaFault } from '../../infra/local/simulators/oa/faults.ts';
import type { TroubleAction } from './actions.ts';
import { doing, person } from './random-actions.ts';

/** Random faults of Feishu and of the OA, lost and repeated messages, and changes of the settings. */

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

/** From a limit that no card fits to one that only a large card exceeds. */
const limit: fc.Arbitrary<CreateLimit> = fc.record({
  bytes: fc.constantFrom(1_000, 2_500, 3_500, 20_000, 70_000),
  answer: fc.constantFrom<CreateLimit['answer']>(1390001, 60006, 1395001, 'HTTP_413'),
});
const limitOrNull: fc.Arbitrary<CreateLimit | null> = fc.option(limit, { freq: 4 });
export const createLimit: fc.Arbitrary<TroubleAction> = fc.record({
  do: doing('LIMIT_CREATES'),
  limit: limitOrNull,
  keysRefused: fc.boolean(),
});
export const lostCreate: fc.Arbitrary<TroubleAction> = fc.record({
  do: doing('LOSE_CREATE'),
  late: fc.boolean(),
});

const hours = fc.option(fc.constantFrom(0.5, 3), { freq: 2 });
export const troubleAction: fc.Arbitrary<TroubleAction> = fc.oneof(
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
  { weight: 2, arbitrary: createLimit },
  { weight: 2, arbitrary: lostCreate },
);
