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

/** What Feishu allows for create and for cancel (FEISHU section 3.0), and the crowd that stands for a busy day. */
const FULL = { callsPerMinute: 100, issues: 500 } as const;
/**
 * An assumption: nobody could measure Feishu here. It is scaled like the limits, so that the five workers are as busy
 * as they would be with the whole crowd.
 */
const FULL_ANSWER_MS = 300;

const TAP_EVERY_MS = 4_000;
/** Each tap needs a card of its own, which the limit has to let through before. */
const MOST_TAPS = 30;
const APPROVERS = 20;
/** The AWS SDK has 50 for one client; some are left for the taps. */
const SOCKETS = 40;
const POLL_MS = 250;
/** After the first cards their events and write-backs are let pass. */
const QUIET_MS = 5_000;
/** Refused calls may be so many of all. */
const REFUSED_SHARE = 0.01;
/** A crowd may take so many times what the limit alone takes. */
const MOST_TIME = 1.2;
/** One in twenty taps may take longer, at Feishu's own limits; scaled like its answers. */
const FULL_TAP_MS = 10_000;

export interface LimitsOptions {
  issues: number;
  callsPerMinute: number;
}

interface Bench extends LimitsOptions {
  tapEveryMs: number;
  table: FrabitTable;
  simulator: SimulatorClient;
  crowd: Crowd;
  /** The time that so many creates take at the limit, in milliseconds. */
  leastMs: (creates: number) => number;
}

/**
 * Many issues reassigned at once (LESSONS row 24) on a stack of its own, in real time, and taps on other issues' cards
 * meanwhile. Resolves to whether the promises were kept: none lost, none twice, few calls refused.
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
    `About ${Math.ceil((2.2 * leastMs(issues) + leastMs(taps)) / 60_000)} min: first they get their cards, all at once too.\n`,
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
    `${issues} issues reassigned at once, while Feishu takes ${callsPerMinute} creates and as many cancels a minute`,
    `and answers after ${answerMs} ms.`,
    ...(whole
      ? []
      : [
          `Scaled: it stands for ${FULL.issues} issues, ${FULL.callsPerMinute} a minute and ${FULL_ANSWER_MS} ms.`,
        ]),
  ];
}

/** Creates, or cancels, that Feishu carried out. */
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

/** Resolves to the milliseconds that it took. */
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
  // The last answers are still on their way to the records.
  await pause(QUIET_MS);
  const counts = await simulator.calls();
  const records = new Map((await table.list()).map((issue) => [issue.issueId, issue]));
  const after = cardsByIssue(await simulator.instances());
  return { tookMs, counts, tally: tally(crowd.issues, before, after, records), ...taps };
}

/** As fast as the sockets of one client allow. */
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

/** From now on taps on the card of one more of the quiet issues every few seconds. */
function tapNowAndThen(
  { simulator, table, crowd, tapEveryMs }: Bench,
  cards: ReturnType<typeof cardsByIssue>,
): { stop(): Promise<{ tapsMs: number[]; missed: number }> } {
  const left = [...crowd.quiet];
  const taps: Promise<number | undefined>[] = [];
  const tap = async (issueId: string) => {
    const card = cards.get(issueId)?.[0];
    const approver = card?.approvers[0]?.email;
    if (!card || !approver) throw new Error(`There is no card of ${issueId} to tap on.`);
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

/** Whether so many creates took little longer than the limit alone takes. */
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
  if (ratio > MOST_TIME) print(`That is too long: ${MOST_TIME} times are allowed.`);
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
  print(factLine('cards taken back', tally.withdrawn));
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
      `\nThis is not what was promised: none lost, none twice, in time, few calls refused, every tap applied, most within ${(tapWithinMs / 1000).toFixed(0)} s.`,
    );
  return kept;
}
