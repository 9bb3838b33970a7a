import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cleanup } from '../cleanup.ts';
import type { Environment } from '../environment.ts';
import { demoIssue, isReadyToRun, withAssignee } from '../frabit/frabit.ts';
import { type FrabitTable, openFrabitTable } from '../frabit/frabit-table.ts';
import { pollUntil } from '../poll-until.ts';
import { openSimulator, type SimulatorClient } from '../simulators/feishu/control-client.ts';
import { type Crowd, cardsByIssue, makeCrowd, type Tally, tally } from './crowd.ts';
import { startOwnStack } from './own-stack.ts';
import { factLine, minutes, percent, sum, timesLine } from './report.ts';

/** The limit of Feishu for creates and for cancels (docs/feishu.md 3.0), and the number of issues on a busy day. */
const FULL = { callsPerMinute: 100, issues: 500 } as const;
/**
 * An assumption: the real Feishu was not measured. It is scaled like the limits, so that the five workers are as busy as
 * at the full size.
 */
const FULL_ANSWER_MS = 300;

const TAP_EVERY_MS = 4_000;
/** Each tap needs its own card, and creating that card counts for the limit. */
const MOST_TAPS = 30;
const APPROVERS = 20;
/** The AWS SDK has 50 sockets per client; some are left for the taps. */
const SOCKETS = 40;
const POLL_MS = 250;
/** How long to wait for the events and write-backs of the first cards. */
const QUIET_MS = 5_000;
/** The maximum share of refused calls. */
const REFUSED_SHARE = 0.01;
/** The maximum time, as a multiple of the time at the limit. */
const MOST_TIME = 1.2;
/** One in twenty taps may take longer than this at Feishu's own limits; scaled like its answers. */
const FULL_TAP_MS = 10_000;

interface LimitsOptions {
  issues: number;
  callsPerMinute: number;
}

interface Bench extends LimitsOptions {
  tapEveryMs: number;
  table: FrabitTable;
  simulator: SimulatorClient;
  crowd: Crowd;
  /** The time that this many creates take at the limit, in milliseconds. */
  leastMs: (creates: number) => number;
}

/**
 * Reassigns many issues at once (docs/lessons.md 24) on its own stack, in real time, and approves cards of other issues
 * meanwhile. Resolves to whether the guarantees hold: no card lost, none duplicated, few calls refused.
 */
export async function measureLimits(
  env: Environment,
  options: LimitsOptions,
  print: (line: string) => void,
  cleanup: Cleanup,
): Promise<boolean> {
  const { issues, callsPerMinute } = options;
  const answerMs = Math.round((FULL_ANSWER_MS * FULL.callsPerMinute) / callsPerMinute);
  const leastMs = (creates: number) => (creates / callsPerMinute) * 60_000;
  const tapEveryMs = Math.max(TAP_EVERY_MS, leastMs(issues) / MOST_TAPS);
  const taps = Math.ceil((1.1 * leastMs(issues)) / tapEveryMs);
  const crowd = makeCrowd(randomBytes(3).toString('hex'), issues, taps);
  for (const line of introduction({ issues, callsPerMinute }, answerMs)) print(line);
  print(
    `About ${Math.ceil((2.2 * leastMs(issues) + leastMs(taps)) / 60_000)} min: first all issues get their cards, also at once.\n`,
  );

  const stack = await startOwnStack(env, callsPerMinute, cleanup);
  const table = openFrabitTable(stack.dynamoDbUrl);
  cleanup.add(() => table.close());
  const simulator = openSimulator(stack.simulatorUrl);
  const bench: Bench = { ...options, table, simulator, crowd, leastMs, tapEveryMs };
  const measuring = async () => {
    const sentMs = await sendFirstCards(bench);
    const isSentInTime = reportTime('all sent at once', sentMs, issues + taps, bench, print);
    await simulator.answerAfter(answerMs);
    return reportResults(await reassignAll(bench), bench, print) && isSentInTime;
  };
  return Promise.race([measuring(), stack.failed]);
}

function introduction({ issues, callsPerMinute }: LimitsOptions, answerMs: number): string[] {
  const whole = issues === FULL.issues && callsPerMinute === FULL.callsPerMinute;
  return [
    `${issues} issues reassigned at once, while Feishu accepts ${callsPerMinute} creates and as many cancels a minute`,
    `and answers after ${answerMs} ms.`,
    ...(whole
      ? []
      : [
          `Scaled down from ${FULL.issues} issues, ${FULL.callsPerMinute} a minute and ${FULL_ANSWER_MS} ms.`,
        ]),
  ];
}

/** Returns the number of creates, or cancels, that Feishu carried out. */
async function accepted(
  { simulator }: Bench,
  endpoint: 'createInstance' | 'cancelInstance',
): Promise<number> {
  const { calls, refused } = await simulator.calls();
  return (calls[endpoint] ?? 0) - (refused[endpoint] ?? 0);
}

async function untilCreated(bench: Bench, creates: number): Promise<void> {
  const enough = async () => ((await accepted(bench, 'createInstance')) >= creates ? true : undefined);
  const limitMs = 3 * bench.leastMs(creates) + 60_000;
  await pollUntil(`Sending ${creates} cards`, enough, { pollMs: POLL_MS, limitMs });
}

/** Resolves to the time in milliseconds. */
async function sendFirstCards(bench: Bench): Promise<number> {
  const { crowd, table } = bench;
  const all = [...crowd.issues, ...crowd.quiet];
  await bench.simulator.resetCalls();
  const startedAt = performance.now();
  for (const [index, issueId] of all.entries()) {
    const issue = demoIssue(issueId, 'http://127.0.0.1', new Date());
    await table.put(withAssignee(issue, `first-${index % APPROVERS}@example.com`));
  }
  await untilCreated(bench, all.length);
  const tookMs = performance.now() - startedAt;
  await pause(QUIET_MS);
  return tookMs;
}

interface Reassigned {
  tookMs: number;
  tapsMs: number[];
  /** Taps whose decision was not applied in time. */
  missed: number;
  counts: Awaited<ReturnType<SimulatorClient['calls']>>;
  tally: Tally;
}

async function reassignAll(bench: Bench): Promise<Reassigned> {
  const { simulator, table, crowd } = bench;
  const before = cardsByIssue(await simulator.instances());
  await simulator.resetCalls();
  const startedAt = performance.now();
  const tapping = tapNowAndThen(bench, before);
  await reassign(bench);
  await untilCreated(bench, crowd.issues.length);
  const tookMs = performance.now() - startedAt;
  const taps = await tapping.stop();
  // The last results are not on the records yet.
  await pause(QUIET_MS);
  const counts = await simulator.calls();
  const records = new Map((await table.list()).map((issue) => [issue.issueId, issue]));
  const after = cardsByIssue(await simulator.instances());
  return { tookMs, counts, tally: tally(crowd.issues, before, after, records), ...taps };
}

/** Writes as fast as the sockets of one client allow. */
async function reassign({ crowd, table }: Bench): Promise<void> {
  const left = [...crowd.issues.entries()];
  const write = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, issueId] = next;
      await table.change(issueId, (issue) => withAssignee(issue, `second-${index % APPROVERS}@example.com`));
    }
  };
  await Promise.all(Array.from({ length: SOCKETS }, write));
}

/** Approves the card of another quiet issue every few seconds until it is stopped. */
function tapNowAndThen(
  { simulator, table, crowd, tapEveryMs }: Bench,
  cards: ReturnType<typeof cardsByIssue>,
): { stop(): Promise<{ tapsMs: number[]; missed: number }> } {
  const left = [...crowd.quiet];
  const taps: Promise<number | undefined>[] = [];
  const tap = async (issueId: string) => {
    const card = cards.get(issueId)?.[0];
    const approver = card?.approvers[0]?.email;
    if (!card || !approver) throw new Error(`There is no card of ${issueId}.`);
    const tapped = performance.now();
    await simulator.approve(card.instanceCode, approver);
    const approved = async () => {
      const record = await table.read(issueId);
      return record && isReadyToRun(record) ? performance.now() - tapped : undefined;
    };
    const patience = { pollMs: 20, limitMs: 10 * 60_000 };
    return pollUntil(`The approval of ${issueId}`, approved, patience).catch(() => undefined);
  };
  const tapNext = () => {
    const issueId = left.shift();
    if (issueId !== undefined) taps.push(tap(issueId));
  };
  tapNext();
  const timer = setInterval(tapNext, tapEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      const times = await Promise.all(taps);
      const tapsMs = times.filter((time) => time !== undefined);
      return { tapsMs, missed: times.length - tapsMs.length };
    },
  };
}

/** Prints how long the creates took. Returns whether that is close to the time at the limit. */
function reportTime(
  what: string,
  tookMs: number,
  creates: number,
  { callsPerMinute, leastMs }: Bench,
  print: (line: string) => void,
): boolean {
  const ratio = tookMs / leastMs(creates);
  const limit = `${minutes(leastMs(creates))} at ${callsPerMinute} a minute`;
  print(factLine(what, `${creates} in ${minutes(tookMs)}: ${ratio.toFixed(2)} times ${limit}`));
  if (ratio > MOST_TIME) print(`That is too long: at most ${MOST_TIME} times is allowed.`);
  return ratio <= MOST_TIME;
}

function reportResults(
  { tookMs, tapsMs, missed, counts, tally }: Reassigned,
  bench: Bench,
  print: (line: string) => void,
): boolean {
  const { issues, callsPerMinute } = bench;
  const [calls, refused] = [sum(counts.calls), sum(counts.refused)];
  const byEndpoint = Object.entries(counts.calls).map(([name, count]) => `${name} ${count}`);
  print(factLine('issues reassigned', issues));
  print(factLine('cards sent', tally.sent));
  print(factLine('cards withdrawn', tally.withdrawn));
  print(factLine('cards duplicated', tally.duplicated));
  print(factLine('cards lost', tally.lost));
  print(factLine('Feishu calls', `${calls} (${byEndpoint.join(', ')})`));
  print(factLine('refused calls', `${refused} (${percent(refused / calls)})`));
  const isInTime = reportTime('all reassigned at once', tookMs, issues, bench, print);
  print(timesLine('tap meanwhile → tasks PENDING', tapsMs));
  const tapWithinMs = (FULL_TAP_MS * FULL.callsPerMinute) / callsPerMinute;
  const slowTaps = tapsMs.filter((ms) => ms > tapWithinMs).length;
  const kept =
    isInTime &&
    slowTaps <= tapsMs.length / 20 &&
    tally.duplicated === 0 &&
    tally.lost === 0 &&
    tally.withdrawn === issues &&
    missed === 0 &&
    refused < REFUSED_SHARE * calls;
  if (!kept)
    print(
      `\nA guarantee was broken: no card lost, none duplicated, in time, few calls refused, every tap applied, most within ${(tapWithinMs / 1000).toFixed(0)} s.`,
    );
  return kept;
}
