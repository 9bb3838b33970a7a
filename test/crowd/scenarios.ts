import { type IssueFacts, isOpen } from './facts.ts';
import { numbered, openCards, reassign, writeIssue } from './issues.ts';
import {
  factsOf,
  Judge,
  judgeCards,
  judgeInvariants,
  judgeNewcomers,
  judgeTime,
  minutesText,
} from './judge.ts';
import { judgeTaps } from './judge-taps.ts';
import type { ScenarioName } from './options.ts';
import { minimumMs, runUntilReached, type ScenarioOptions, type ScenarioResult } from './scenario.ts';
import { tapRegularly, writeNewcomers } from './taps-and-newcomers.ts';
import { type CrowdWorld, createCrowdWorld } from './world.ts';

const MINUTE = 60_000;

const isSent = ({ rounds }: IssueFacts): boolean => rounds.some(({ sentAt }) => sentAt !== undefined);
const isWithdrawn = ({ rounds }: IssueFacts): boolean => !rounds.some(isOpen);
const isSentAgain = ({ rounds, waitingSince = 0 }: IssueFacts): boolean =>
  rounds.filter(isOpen).every(({ sentAt = 0 }) => sentAt > waitingSince) &&
  rounds.some(({ sentAt = 0 }) => sentAt > waitingSince);

const appliedAt =
  ({ facts }: CrowdWorld) =>
  ({ issueId }: { issueId: string }) =>
    facts.issues.get(issueId)?.pendingAt;

/** Writes all issues at once. Meanwhile newcomers are written and cards are tapped. */
async function send(options: ScenarioOptions): Promise<ScenarioResult> {
  const world = await createCrowdWorld(options);
  const crowd = numbered('issue', options.issues);
  await world.startTiming();
  world.facts.setGoal(isSent);
  for (const issueId of crowd) await writeIssue(world, issueId);
  const newcomers = writeNewcomers(world, options);
  const taps = tapRegularly(world, options, () => world.facts.sent);
  await runUntilReached(world, options);

  const judge = new Judge();
  judgeTime(judge, world, crowd, options);
  judgeCards(judge, world, [...crowd, ...newcomers], 1);
  judgeNewcomers(judge, world, newcomers);
  judgeTaps(judge, world, taps, appliedAt(world), 'tasks PENDING', options);
  judgeInvariants(judge, world);
  return judge.result;
}

/** Creates a crowd in which every issue has an open card. */
async function createCrowdWithOpenCards(options: ScenarioOptions) {
  const world = await createCrowdWorld(options);
  const crowd = numbered('issue', options.issues);
  await openCards(world, crowd);
  return { world, crowd, cards: [...world.facts.sent] };
}

/** Disables approvals while every issue has an open card. Cards that wait for their cancel are tapped. */
async function disable(options: ScenarioOptions): Promise<ScenarioResult> {
  const { world, crowd, cards } = await createCrowdWithOpenCards(options);
  world.facts.setGoal(isWithdrawn);
  for (const issueId of crowd) world.facts.startWaiting(issueId);
  const saved = world.disable();
  const taps = tapRegularly(world, options, () => cards);
  await runUntilReached(world, options);
  await saved;

  const judge = new Judge();
  judgeTime(judge, world, crowd, options);
  judgeCards(judge, world, crowd, 1);
  judgeTaps(judge, world, taps, appliedAt(world), 'tasks PENDING', options);
  judgeInvariants(judge, world);
  return judge.result;
}

/**
 * Gives every issue another assignee while its card is open. Newcomers are written, and the old approvers still tap.
 */
async function reassignAll(options: ScenarioOptions): Promise<ScenarioResult> {
  const { world, crowd, cards } = await createCrowdWithOpenCards(options);
  world.facts.setGoal(isSentAgain);
  for (const issueId of crowd) await reassign(world, issueId);
  const newcomers = writeNewcomers(world, options);
  const taps = tapRegularly(world, options, () => cards);
  await runUntilReached(world, options);

  const judge = new Judge();
  judgeTime(judge, world, crowd, options);
  judgeCards(judge, world, crowd, 2);
  judgeCards(judge, world, newcomers, 1);
  judgeNewcomers(judge, world, newcomers);
  const decisionOf = ({ approvalId }: { approvalId: string }) => world.facts.rounds.get(approvalId)?.decision;
  judgeTaps(judge, world, taps, (tap) => decisionOf(tap)?.at, 'decision stored', options);
  const applied = factsOf(world, crowd).filter(({ pendingAt }) => pendingAt !== undefined).length;
  judge.require(applied === 0, `${applied} taps of old approvers were applied.`);
  const unrecorded = taps.filter((tap) => decisionOf(tap)?.applied !== false).length;
  judge.require(unrecorded === 0, `${unrecorded} of ${taps.length} taps of old approvers were not stored.`);
  judgeInvariants(judge, world);
  return judge.result;
}

/** How many issues are written for each one that Feishu accepts. */
const OVERLOAD = 1.5;
/** An issue is sent out of turn if another one has waited this much longer. Newcomers may use a tenth of the slots. */
const TURN_MS = 3 * MINUTE;
const MAX_OUT_OF_TURN = 0.12;
/** If N issues were sent, at least this share of the N oldest must be among them. */
const OLDEST_SENT = 0.85;

async function overload(options: ScenarioOptions): Promise<ScenarioResult> {
  const world = await createCrowdWorld(options);
  const { time, facts } = world;
  const crowd = numbered('issue', options.issues);
  await world.startTiming();
  facts.setGoal(isSent);
  const spacingMs = MINUTE / (OVERLOAD * options.perMinute);
  for (const [number, issueId] of crowd.entries()) {
    time.after(number * spacingMs, () => void writeIssue(world, issueId));
  }
  const began = time.now();
  const end = began + crowd.length * spacingMs;
  let reported = -1;
  await time.run(() => {
    if (facts.reached() !== reported) options.onProgress?.(facts.reached());
    reported = facts.reached();
    return time.now() >= end;
  });

  const judge = new Judge();
  judgeOrder(judge, world, crowd, { least: minimumMs(options), tookMs: end - began, ...options });
  judgeInvariants(judge, world);
  return judge.result;
}

function judgeOrder(
  judge: Judge,
  world: CrowdWorld,
  crowd: readonly string[],
  { tookMs, perMinute }: { least: number; tookMs: number; perMinute: number },
): void {
  const { facts } = world;
  const issues = factsOf(world, crowd);
  let oldest = 0;
  let outOfTurn = 0;
  const done = new Set<string>();
  for (const { issueId } of facts.sent) {
    done.add(issueId);
    while (done.has(crowd[oldest] ?? '')) oldest += 1;
    const waiting = issues[oldest]?.waitingSince ?? Infinity;
    if ((facts.issues.get(issueId)?.waitingSince ?? 0) - waiting > TURN_MS) outOfTurn += 1;
  }
  const sent = facts.sent.length;
  const possible = (tookMs / MINUTE) * perMinute;
  const longest = Math.max(
    0,
    ...issues.map(({ waitingSince = 0, reachedAt = 0 }) => reachedAt - waitingSince),
  );
  judge.addFigure('issues written', `${crowd.length} in ${minutesText(tookMs)}`);
  judge.addFigure('sent', `${sent} (${((100 * sent) / possible).toFixed(1)} % of what the limit allows)`);
  judge.addFigure('oldest issues sent without a gap', oldest);
  judge.addFigure('longest wait of a sent issue', minutesText(longest));
  judge.addFigure(
    'sent out of turn',
    `${outOfTurn} (${((100 * outOfTurn) / Math.max(1, sent)).toFixed(1)} %)`,
  );
  judge.require(
    sent >= possible / 1.1,
    `Only ${sent} issues were sent; the limit allows ${possible.toFixed(0)}.`,
  );
  judge.require(
    oldest >= OLDEST_SENT * sent,
    `${sent} issues were sent, but only the first ${oldest} of the oldest without a gap.`,
  );
  judge.require(
    outOfTurn <= MAX_OUT_OF_TURN * sent,
    `${outOfTurn} of ${sent} issues were sent while others had waited 3 minutes longer.`,
  );
}

export const SCENARIOS = { send, disable, reassign: reassignAll, overload } satisfies Record<
  ScenarioName,
  (options: ScenarioOptions) => Promise<ScenarioResult>
>;
