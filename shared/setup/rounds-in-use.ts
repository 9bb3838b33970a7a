import { isLive } from '../approval/plan/round.ts';
import { unknownOf } from '../approval/plan/rounds-of-newer-versions.ts';
import type { DueRound } from '../approval/store/due-rounds.ts';
import { CLOSED_STATES } from '../issue/approval-words.ts';
import { isKnown } from '../runtime/stored-items.ts';

/** In a state of a newer version it may be. */
const mayBeLive = ({ state }: DueRound): boolean => !isKnown(CLOSED_STATES, state);

/**
 * Counts the live approvals in Feishu that the worker still has to withdraw: of every app, or of all apps but `appId`.
 * Approvals at an OA do not depend on Feishu's settings. Unknown rounds are not counted.
 */
export const countWithdrawing = (rounds: readonly DueRound[], appId?: string): number =>
  rounds.filter(
    (round) =>
      round.channel === 'FEISHU' && isLive(round) && round.appId !== appId && unknownOf(round) === undefined,
  ).length;

/** Returns the apps whose keys are still needed, because some round needs calls of Feishu. */
export const appsNeeded = (rounds: readonly DueRound[]): Set<string> =>
  new Set(
    rounds
      .filter((round) => mayBeLive(round) || round.settle !== undefined || round.remarks.length > 0)
      .flatMap((round) => (round.channel !== 'EXTERNAL' && round.appId !== undefined ? [round.appId] : [])),
  );

/** Those that this external node is asked about. */
export const roundsAt = (nodeId: string, rounds: readonly DueRound[]): DueRound[] =>
  rounds.filter((round) => round.channel !== 'FEISHU' && round.nodeId === nodeId);

/** Approvals that use an external node and are live, as far as is known. */
export const countLiveAt = (nodeId: string, rounds: readonly DueRound[]): number =>
  roundsAt(nodeId, rounds).filter(mayBeLive).length;
