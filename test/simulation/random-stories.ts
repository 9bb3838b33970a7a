import fc from 'fast-check';
import type { Action } from './actions.ts';
import {
  alikeTasks,
  difference,
  feishuAction,
  frabitAction,
  fullCard,
  issue,
  oaAction,
  oaFlow,
} from './random-actions.ts';
import { delivery } from './random-deliveries.ts';
import { createLimit, lostCreate, troubleAction } from './random-faults.ts';

/** Half of the issues have a flow with an OA. */
const flowsAtStart = fc.array(oaFlow, { maxLength: 2 });

/** Half of the tenants limit creates from the start, or lose the first create. */
const tenantAtStart = fc
  .option(fc.oneof({ weight: 3, arbitrary: createLimit }, { weight: 1, arbitrary: lostCreate }), { freq: 2 })
  .map((one): Action[] => (one ? [one] : []));

/** Goes to the other stage and back before anything is delivered (docs/lessons.md 40). */
const awayAndBack: fc.Arbitrary<Action[]> = fc
  .record({ issue, away: fc.constantFrom(1, null), back: fc.constantFrom(0, 0, 1) })
  .map(({ issue: index, away, back }): Action[] => [
    { do: 'GO_TO_STAGE', issue: index, stage: away },
    { do: 'GO_TO_STAGE', issue: index, stage: back },
  ]);

/** Adds a ready task to an approved stage. The product sets it back, Frabit approves it, and then it changes again. */
const changeAfterFrabitApproval: fc.Arbitrary<Action[]> = fc
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

/** The tasks before the first request: often nearly equal ones, rarely SQL that fills a card. */
const tasksAtStart: fc.Arbitrary<Action[]> = fc.oneof(
  { weight: 40, arbitrary: fc.array(alikeTasks, { maxLength: 2 }) },
  { weight: 1, arbitrary: fullCard.map((one): Action[] => [one]) },
);

/** A story: Frabit writes both issues, then one action follows another, each with deliveries after it. */
export const story: fc.Arbitrary<Action[]> = fc
  .tuple(
    tenantAtStart,
    tasksAtStart,
    flowsAtStart,
    delivery,
    fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 20, arbitrary: frabitAction.map((one): Action[] => [one]) },
          { weight: 2, arbitrary: awayAndBack },
          { weight: 1, arbitrary: changeAfterFrabitApproval },
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
