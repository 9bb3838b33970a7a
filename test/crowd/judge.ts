import type { CallCounts } from '../../infra/local/simulators/feishu/gateway.ts';
import { type IssueFacts, isOpen } from './facts.ts';
import { leastMs, MOST_TIME, type ScenarioOptions, type ScenarioResult } from './scenario.ts';
import type { CrowdWorld, Tally } from './world.ts';

const MINUTE = 60_000;
const REFUSED_SHARE = 0.01;
const MOST_RECONCILES = 10;
const NEWCOMER_WAITS_MS = 3 * MINUTE;
/** Lambda ends a function that runs longer. */
const FUNCTION_TIMEOUT_MS = MINUTE;
/** For how long a message may be hidden, without an open card of its issue and with one: 5 s, to a whole second. */
const HIDDEN_MS = { usual: MINUTE, openCard: 6_000 };

/** Collects figures, and a sentence for each that is not as it must be. */
export class Judge {
  readonly result: ScenarioResult = { figures: [], broken: [] };

  note(name: string, figure: string | number): void {
    this.result.figures.push([name, String(figure)]);
  }

  require(holds: boolean, sentence: string): void {
    if (!holds) this.result.broken.push(sentence);
  }
}

export const minutesText = (milliseconds: number): string => `${(milliseconds / MINUTE).toFixed(1)} min`;
export const secondsText = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

/** The value that a share of all does not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The crowd's time, from the moment at which all were wanted, against what the limit alone takes. */
export function judgeTime(
  judge: Judge,
  world: CrowdWorld,
  crowd: readonly string[],
  options: ScenarioOptions,
) {
  const issues = factsOf(world, crowd);
  const left = issues.filter(({ reachedAt }) => reachedAt === undefined).length;
  const tookMs = Math.max(...issues.map((issue) => (issue.reachedAt ?? Infinity) - (issue.wantedAt ?? 0)));
  const least = leastMs(options);
  judge.note('issues done', `${crowd.length - left} of ${crowd.length}`);
  judge.note('time', left > 0 ? 'not done' : minutesText(tookMs));
  judge.note('what the limit alone takes', minutesText(least));
  judge.note('ratio of the two', left > 0 ? '–' : (tookMs / least).toFixed(3));
  judge.require(left === 0, `${left} of ${crowd.length} issues were not done when the time was over.`);
  judge.require(
    left > 0 || tookMs <= MOST_TIME * least,
    `The crowd took ${(tookMs / least).toFixed(3)} times what the limit alone takes; ${MOST_TIME} is allowed.`,
  );
}

/** What must hold in every scenario, of every issue in it. */
export function judgeCare(judge: Judge, world: CrowdWorld): void {
  const { facts, tenant, queue, tally } = world;
  const issues = [...facts.issues.values()];
  const { calls } = tenant.control.calls();
  const most = Math.max(0, ...issues.map(({ reconciles }) => reconciles));
  const mean = issues.reduce((total, { reconciles }) => total + reconciles, 0) / issues.length;
  judge.note('creates, cancels', `${calls.createInstance ?? 0}, ${calls.cancelInstance ?? 0}`);
  judge.note('looks', calls.getInstance ?? 0);
  judge.note('reconciles of an issue until done', `mean ${mean.toFixed(1)}, most ${most}`);
  judge.note('messages handled, failed', `${tally.reconciles}, ${tally.failures.length}`);
  judge.note('longest run of a worker', secondsText(tally.longestMs.worker));
  judge.note('longest run of the sweep', secondsText(tally.longestMs.sweep));
  judgeRefusals(judge, tenant.control.calls());
  judge.require(most <= MOST_RECONCILES, `An issue was reconciled ${most} times until it was done.`);
  const [failure] = tally.failures;
  judge.require(failure === undefined, `${tally.failures.length} runs failed, the first with: ${failure}`);
  judge.require(queue.deadLetters().length === 0, `${queue.deadLetters().length} messages are dead letters.`);
  judge.require(
    Math.max(tally.longestMs.worker, tally.longestMs.sweep) <= FUNCTION_TIMEOUT_MS,
    'A run took longer than Lambda lets a function run.',
  );
  judgeHidden(judge, tally.hiddenMs);
  judgeOnce(judge, world);
}

function judgeRefusals(judge: Judge, { calls, refused }: CallCounts): void {
  const kinds = {
    'creates and cancels': ['createInstance', 'cancelInstance'],
    looks: ['getInstance'],
  } as const;
  for (const [what, names] of Object.entries(kinds)) {
    const made = names.reduce((total, name) => total + (calls[name] ?? 0), 0);
    const refusals = names.reduce((total, name) => total + (refused[name] ?? 0), 0);
    judge.note(`refused ${what}`, `${refusals} (${((100 * refusals) / Math.max(1, made)).toFixed(2)} %)`);
    judge.require(
      areFew(refusals, made),
      `Feishu refused ${refusals} of ${made} ${what}; less than 1 % is allowed.`,
    );
  }
}

/** Less than 1 %, where there are any. */
export const areFew = (refused: number, made: number): boolean =>
  refused === 0 || refused < REFUSED_SHARE * made;

/** Each once: one instance an approval, at most one live round an issue, no instance open that no live round knows. */
function judgeOnce(judge: Judge, { facts, tenant }: CrowdWorld): void {
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
  judge.require(stray === 0, `${stray} instances stand open that no live round knows.`);
}

function judgeHidden(judge: Judge, { usual, openCard }: Tally['hiddenMs']): void {
  judge.note('longest hidden, with an open card', `${secondsText(usual)}, ${secondsText(openCard)}`);
  judge.require(
    usual <= HIDDEN_MS.usual,
    `A message was hidden for ${secondsText(usual)}; 60 s are allowed.`,
  );
  judge.require(
    openCard <= HIDDEN_MS.openCard,
    `A message was hidden for ${secondsText(openCard)} while its issue had an open card; 5 s are allowed.`,
  );
}

/** So many cards were sent of each of these issues, and no more. */
export function judgeCards(
  judge: Judge,
  world: CrowdWorld,
  issueIds: readonly string[],
  cards: number,
): void {
  const wrong = factsOf(world, issueIds).filter(
    ({ rounds }) => rounds.filter(({ sentAt }) => sentAt !== undefined).length !== cards,
  ).length;
  judge.require(wrong === 0, `${wrong} of ${issueIds.length} issues were not sent exactly once.`);
}

export function judgeNewcomers(judge: Judge, world: CrowdWorld, issueIds: readonly string[]): void {
  const issues = factsOf(world, issueIds);
  const waitOf = ({ reachedAt = Infinity, wantedAt = 0 }: IssueFacts) => reachedAt - wantedAt;
  const [slowest] = issues.toSorted((a, b) => waitOf(b) - waitOf(a));
  judge.require(slowest !== undefined, 'No issue was written in the middle: that proves nothing.');
  if (!slowest) return;
  const p95 = secondsText(percentile(issues.map(waitOf), 0.95));
  const longest = secondsText(waitOf(slowest));
  judge.note('newcomers, sent after', `n ${issues.length}, p95 ${p95}, longest ${longest}`);
  judge.require(
    waitOf(slowest) <= NEWCOMER_WAITS_MS,
    `${slowest.issueId}, written after ${minutesText((slowest.wantedAt ?? 0) - world.startedAt)}, waited ${longest}; 3 minutes are allowed.`,
  );
}

export const factsOf = ({ facts }: CrowdWorld, issueIds: readonly string[]): IssueFacts[] =>
  issueIds.flatMap((issueId) => facts.issues.get(issueId) ?? []);
