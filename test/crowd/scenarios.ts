import { type IssueFacts, isOpen } from './facts.ts';
import { numbered, openCards, reassign, writeIssue } from './issues.ts';
import { factsOf, Judge, judgeCards, judgeCare, judgeNewcomers, judgeTime, minutesText } from './judge.ts';
import { judgeTaps } from './judge-taps.ts';
import { tapNowAndThen, writeNewcomers } from './meanwhile.ts';
import type { ScenarioName } from './options.ts';
import { leastMs, type ScenarioOptions, type ScenarioResult, untilReached } from './scenario.ts';
import { type CrowdWorld, createCrowdWorld } from './world.ts';

const MINUTE = 60_000;

const isSent = ({ rounds }: IssueFacts): boolean => rounds.some(({ sentAt }) => sentAt !== undefined);
const isWithdrawn = ({ rounds }: IssueFacts): boolean => !rounds.some(isOpen);
const isSentAnew = ({ rounds, wantedAt = 0 }: IssueFacts): boolean =>
  rounds.filter(isOpen).every(({ sentAt = 0 }) => sentAt > wantedAt) &&
  rounds.some(({ sentAt = 0 }) => sentAt > wantedAt);

const appliedAt =
  ({ facts }: CrowdWorld) =>
  ({ issueId }: { issueId: string }) =>
    facts.issues.get(issueId)?.pendingAt;

/** All issues are written at once; others follow, and cards are tapped. */
async function send(options: ScenarioOptions): Promise<ScenarioResult> {
  const world = await createCrowdWorld(options);
  const crowd = numbered('issue', options.issues);
  await world.charge();
  world.facts.aim(isSent);
  for (const issueId of crowd) await writeIssue(world, issueId);
  const newcomers = writeNewcomers(world, options);
  const taps = tapNowAndThen(world, options, () => world.facts.sent);
  await untilReached(world, options);

  const judge = new Judge();
  judgeTime(judge, world, crowd, options);
  judgeCards(judge, world, [...crowd, ...newcomers], 1);
  judgeNewcomers(judge, world, newcomers);
  judgeTaps(judge, world, taps, appliedAt(world), 'tasks PENDING', options);
  judgeCare(judge, world);
  return judge.result;
}

/** A crowd of which every issue has an open card. */
async function createAskedCrowd(options: ScenarioOptions) {
  const world = await createCrowdWorld(options);
  const crowd = numbered('issue', options.issues);
  await openCards(world, crowd);
  return { world, crowd, cards: [...world.facts.sent] };
}

/** Every issue has an open card when the approvals are switched off; cards that wait for their cancel are tapped. */
async function disable(options: ScenarioOptions): Promise<ScenarioResult> {
  const { world, crowd, cards } = await createAskedCrowd(options);
  world.facts.aim(isWithdrawn);
  for (const issueId of crowd) world.facts.want(issueId);
  const saved = world.disable();
  const taps = tapNowAndThen(world, options, () => cards);
  await untilReached(world, options);
  await saved;

  const judge = new Judge();
  judgeTime(judge, world, crowd, options);
  judgeCards(judge, world, crowd, 1);
  judgeTaps(judge, world, taps, appliedAt(world), 'tasks PENDING', options);
  judgeCare(judge, world);
  return judge.result;
}

/** Every issue has an open card when it gets another assignee; others follow, and the old approvers tap all the same. */
async function reassignAll(options: ScenarioOptions): Promise<ScenarioResult> {
  const { world, crowd, cards } = await createAskedCrowd(options);
  world.facts.aim(isSentAnew);
  for (const issueId of crowd) await reassign(world, issueId);
  const newcomers = writeNewcomers(world, options);
  const taps = tapNowAndThen(world, options, () => cards);
  await untilReached(world, options);

  const judge = new Judge();
  judgeTime(judge, world, crowd, options);
  judgeCards(judge, world, crowd, 2);
  judgeCards(judge, world, newcomers, 1);
  judgeNewcomers(judge, world, newcomers);
  const decisionOf = ({ approvalId }: { approvalId: string }) => world.facts.rounds.get(approvalId)?.decision;
  judgeTaps(judge, world, taps, (tap) => decisionOf(tap)?.at, 'decision recorded', options);
  const applied = factsOf(world, crowd).filter(({ pendingAt }) => pendingAt !== undefined).length;
  judge.require(applied === 0, `${applied} taps of old approvers were applied.`);
  const unrecorded = taps.filter((tap) => decisionOf(tap)?.applied !== false).length;
  judge.require(unrecorded === 0, `${unrecorded} of ${taps.length} taps of old approvers were not recorded.`);
  judgeCare(judge, world);
  return judge.result;
}

/** Half as many issues again are written each minute as Feishu takes. */
const OVERLOAD = 1.5;
/** Whoever is sent although somebody waits so much longer was sent out of turn: a newcomer's tenth, with a little room. */
const TURN_MS = 3 * MINUTE;
const MOST_OUT_OF_TURN = 0.12;
/** Of as many of the oldest issues as were sent, so many must be among those that were. */
const OLDEST_SENT = 0.85;

async function overload(options: ScenarioOptions): Promise<ScenarioResult> {
  const world = await createCrowdWorld(options);
  const { time, facts } = world;
  const crowd = numbered('issue', options.issues);
  await world.charge();
  facts.aim(isSent);
  const spacingMs = MINUTE / (OVERLOAD * options.perMinute);
  for (const [number, issueId] of crowd.entries()) {
    time.after(number * spacingMs, () => void writeIssue(world, issueId));
  }
  const began = time.now();
  const end = began + crowd.length * spacingMs;
  let told = -1;
  await time.run(() => {
    if (facts.reached() !== told) options.onProgress?.(facts.reached());
    told = facts.reached();
    return time.now() >= end;
  });

  const judge = new Judge();
  judgeOrder(judge, world, crowd, { least: leastMs(options), tookMs: end - began, ...options });
  judgeCare(judge, world);
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
    const waiting = issues[oldest]?.wantedAt ?? Infinity;
    if ((facts.issues.get(issueId)?.wantedAt ?? 0) - waiting > TURN_MS) outOfTurn += 1;
  }
  const sent = facts.sent.length;
  const possible = (tookMs / MINUTE) * perMinute;
  const longest = Math.max(0, ...issues.map(({ wantedAt = 0, reachedAt = 0 }) => reachedAt - wantedAt));
  judge.note('issues written', `${crowd.length} in ${minutesText(tookMs)}`);
  judge.note('sent', `${sent} (${((100 * sent) / possible).toFixed(1)} % of what the limit allows)`);
  judge.note('all sent of the oldest', oldest);
  judge.note('longest wait of one that was sent', minutesText(longest));
  judge.note('sent out of turn', `${outOfTurn} (${((100 * outOfTurn) / Math.max(1, sent)).toFixed(1)} %)`);
  judge.require(
    sent >= possible / 1.1,
    `Only ${sent} were sent, where the limit allows ${possible.toFixed(0)}.`,
  );
  judge.require(
    oldest >= OLDEST_SENT * sent,
    `${sent} were sent, but of the oldest only the first ${oldest} without a gap.`,
  );
  judge.require(
    outOfTurn <= MOST_OUT_OF_TURN * sent,
    `${outOfTurn} of ${sent} were sent while others had waited 3 minutes longer.`,
  );
}

export const SCENARIOS = { send, disable, reassign: reassignAll, overload } satisfies Record<
  ScenarioName,
  (options: ScenarioOptions) => Promise<ScenarioResult>
>;
