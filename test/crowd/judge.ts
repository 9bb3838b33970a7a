import type { CallCounts } from '../../infra/local/simulators/feishu/gateway.ts';
import { type IssueFacts, isOpen } from './facts.ts';
import { MAX_TIME_RATIO, minimumMs, type ScenarioOptions, type ScenarioResult } from './scenario.ts';
import type { Tally } from './tally.ts';
import type { CrowdWorld } from './world.ts';

const MINUTE = 60_000;
const MAX_REFUSED_SHARE = 0.01;
const MAX_RECONCILES = 10;
const MAX_NEWCOMER_WAIT_MS = 3 * MINUTE;
/** Lambda stops a function that runs longer. */
const FUNCTION_TIMEOUT_MS = MINUTE;
/** How long a message may be hidden: without an open card of its issue, and with one (5 s, rounded up to a second). */
const MAX_HIDDEN_MS = { usual: MINUTE, openCard: 6_000 };

/** Collects figures, and a sentence for each requirement that does not hold. */
export class Judge {
  readonly result: ScenarioResult = { figures: [], broken: [] };

  addFigure(name: string, figure: string | number): void {
    this.result.figures.push([name, String(figure)]);
  }

  require(holds: boolean, sentence: string): void {
    if (!holds) this.result.broken.push(sentence);
  }
}

export const minutesText = (milliseconds: number): string => `${(milliseconds / MINUTE).toFixed(1)} min`;
export const secondsText = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

/** Returns the value that the given share of all values does not exceed; NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Judges the time until every issue of the crowd reached the goal, compared with the minimum that the limit allows. */
export function judgeTime(
  judge: Judge,
  world: CrowdWorld,
  crowd: readonly string[],
  options: ScenarioOptions,
) {
  const issues = factsOf(world, crowd);
  const unfinished = issues.filter(({ reachedAt }) => reachedAt === undefined).length;
  const tookMs = Math.max(
    ...issues.map((issue) => (issue.reachedAt ?? Infinity) - (issue.waitingSince ?? 0)),
  );
  const least = minimumMs(options);
  judge.addFigure('issues done', `${crowd.length - unfinished} of ${crowd.length}`);
  judge.addFigure('time', unfinished > 0 ? 'not finished' : minutesText(tookMs));
  judge.addFigure('minimum by the limit', minutesText(least));
  judge.addFigure('time / minimum', unfinished > 0 ? '–' : (tookMs / least).toFixed(3));
  judge.require(unfinished === 0, `${unfinished} of ${crowd.length} issues were not done at the end.`);
  judge.require(
    unfinished > 0 || tookMs <= MAX_TIME_RATIO * least,
    `The crowd took ${(tookMs / least).toFixed(3)} times the minimum; the limit is ${MAX_TIME_RATIO}.`,
  );
}

/** Judges what must hold for every issue in every scenario. */
export function judgeInvariants(judge: Judge, world: CrowdWorld): void {
  const { facts, tenant, queue, tally } = world;
  const issues = [...facts.issues.values()];
  const { calls } = tenant.control.calls();
  const most = Math.max(0, ...issues.map(({ reconciles }) => reconciles));
  const mean = issues.reduce((total, { reconciles }) => total + reconciles, 0) / issues.length;
  judge.addFigure('creates, cancels', `${calls.createInstance ?? 0}, ${calls.cancelInstance ?? 0}`);
  judge.addFigure('looks', calls.getInstance ?? 0);
  judge.addFigure('reconciles for each issue', `mean ${mean.toFixed(1)}, maximum ${most}`);
  judge.addFigure('messages handled, failed', `${tally.reconciles}, ${tally.failures.length}`);
  judge.addFigure('longest run of a worker', secondsText(tally.longestMs.worker));
  judge.addFigure('longest run of the sweep', secondsText(tally.longestMs.sweep));
  judgeRefusals(judge, tenant.control.calls());
  judge.require(
    most <= MAX_RECONCILES,
    `One issue was reconciled ${most} times; the limit is ${MAX_RECONCILES}.`,
  );
  const [failure] = tally.failures;
  judge.require(failure === undefined, `${tally.failures.length} runs failed, the first with: ${failure}`);
  judge.require(queue.deadLetters().length === 0, `${queue.deadLetters().length} messages are dead letters.`);
  judge.require(
    Math.max(tally.longestMs.worker, tally.longestMs.sweep) <= FUNCTION_TIMEOUT_MS,
    'A run took longer than the timeout of Lambda.',
  );
  judgeHidden(judge, tally.hiddenMs);
  judgeInstances(judge, world);
}

function judgeRefusals(judge: Judge, { calls, refused }: CallCounts): void {
  const kinds = {
    'creates and cancels': ['createInstance', 'cancelInstance'],
    looks: ['getInstance'],
  } as const;
  for (const [what, names] of Object.entries(kinds)) {
    const made = names.reduce((total, name) => total + (calls[name] ?? 0), 0);
    const refusals = names.reduce((total, name) => total + (refused[name] ?? 0), 0);
    judge.addFigure(
      `refused ${what}`,
      `${refusals} (${((100 * refusals) / Math.max(1, made)).toFixed(2)} %)`,
    );
    judge.require(areFew(refusals, made), `Feishu refused ${refusals} of ${made} ${what}; the limit is 1 %.`);
  }
}

/** Returns whether less than 1 % of the calls were refused. */
export const areFew = (refused: number, made: number): boolean =>
  refused === 0 || refused < MAX_REFUSED_SHARE * made;

/** One instance for each approval, one live round for each issue, and every open instance belongs to a live round. */
function judgeInstances(judge: Judge, { facts, tenant }: CrowdWorld): void {
  const uuids = new Map<string, number>();
  let stray = 0;
  for (const { uuid = '', status } of tenant.world.instances.values()) {
    uuids.set(uuid, (uuids.get(uuid) ?? 0) + 1);
    const round = facts.rounds.get(uuid);
    if (status === 'PENDING' && !(round && isOpen(round))) stray += 1;
  }
  const twice = [...uuids.values()].filter((count) => count > 1).length;
  const doubled = [...facts.issues.values()].filter(({ rounds }) => rounds.filter(isOpen).length > 1).length;
  judge.require(twice === 0, `${twice} approvals have more than one instance.`);
  judge.require(doubled === 0, `${doubled} issues have more than one live round.`);
  judge.require(stray === 0, `${stray} open instances belong to no live round.`);
}

function judgeHidden(judge: Judge, { usual, openCard }: Tally['hiddenMs']): void {
  judge.addFigure('longest hidden, and with an open card', `${secondsText(usual)}, ${secondsText(openCard)}`);
  judge.require(
    usual <= MAX_HIDDEN_MS.usual,
    `A message was hidden for ${secondsText(usual)}; the limit is 60 s.`,
  );
  judge.require(
    openCard <= MAX_HIDDEN_MS.openCard,
    `A message was hidden for ${secondsText(openCard)} while its issue had an open card; the limit is 5 s.`,
  );
}

/** Judges that exactly this number of cards was sent for each issue. */
export function judgeCards(
  judge: Judge,
  world: CrowdWorld,
  issueIds: readonly string[],
  cards: number,
): void {
  const wrong = factsOf(world, issueIds).filter(
    ({ rounds }) => rounds.filter(({ sentAt }) => sentAt !== undefined).length !== cards,
  ).length;
  judge.require(wrong === 0, `${wrong} of ${issueIds.length} issues did not get exactly ${cards} cards.`);
}

export function judgeNewcomers(judge: Judge, world: CrowdWorld, issueIds: readonly string[]): void {
  const issues = factsOf(world, issueIds);
  const waitOf = ({ reachedAt = Infinity, waitingSince = 0 }: IssueFacts) => reachedAt - waitingSince;
  const [slowest] = issues.toSorted((a, b) => waitOf(b) - waitOf(a));
  judge.require(
    slowest !== undefined,
    'No newcomer was written, so the test proves nothing about newcomers.',
  );
  if (!slowest) return;
  const p95 = secondsText(percentile(issues.map(waitOf), 0.95));
  const longest = secondsText(waitOf(slowest));
  judge.addFigure('newcomers until sent', `n ${issues.length}, p95 ${p95}, maximum ${longest}`);
  judge.require(
    waitOf(slowest) <= MAX_NEWCOMER_WAIT_MS,
    `${slowest.issueId}, written after ${minutesText((slowest.waitingSince ?? 0) - world.startedAt)}, waited ${longest}; the limit is 3 minutes.`,
  );
}

export const factsOf = ({ facts }: CrowdWorld, issueIds: readonly string[]): IssueFacts[] =>
  issueIds.flatMap((issueId) => facts.issues.get(issueId) ?? []);
