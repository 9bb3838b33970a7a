import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '../config.ts';
import { demoIssue, isReadyToRun, withAssignee } from '../frabit.ts';
import { type FrabitTable, openFrabitTable } from '../frabit-table.ts';
import { openSimulator, type SimulatorClient } from '../simulator-client.ts';
import { type Crowd, cardsByIssue, makeCrowd, type Tally, tally } from './crowd.ts';
import { type Cleanup, startOwnStack } from './own-stack.ts';
import { factLine, minutes, percent, sum, timesLine } from './report.ts';
import { until } from './until.ts';

/** What Feishu allows for create and for cancel (FEISHU section 3.0), and the crowd that stands for a busy day. */
const FULL = { callsPerMinute: 100, issues: 500 } as const;
/**
 * An assumption: nobody could measure Feishu here. It is scaled like the limits, so that the five workers are as busy
 * as they would be with the whole crowd.
 */
const FULL_ANSWER_MS = 300;

const TAP_EVERY_MS = 4_000;
const APPROVERS = 20;
/** The AWS SDK has 50 for one client; some are left for the taps. */
const SOCKETS = 40;
const POLL_MS = 250;
/** After the first cards their events and write-backs are let pass. */
const QUIET_MS = 5_000;
/** Refused calls may be so many of all. */
const REFUSED_SHARE = 0.05;

export interface LimitsOptions {
  issues: number;
  callsPerMinute: number;
}

interface Bench extends LimitsOptions {
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
  const taps = Math.ceil((1.1 * leastMs(issues)) / TAP_EVERY_MS);
  const crowd = makeCrowd(randomBytes(3).toString('hex'), issues, taps);
  for (const line of introduction({ issues, callsPerMinute }, answerMs)) print(line);
  print(
    `About ${Math.ceil((2.4 * leastMs(issues) + leastMs(taps)) / 60_000)} min: first they get the cards.\n`,
  );

  const stack = await startOwnStack(env, callsPerMinute, cleanup);
  const table = openFrabitTable(stack.dynamoDbUrl);
  cleanup.add(() => table.close());
  const simulator = openSimulator(stack.simulatorUrl);
  const bench: Bench = { ...options, table, simulator, crowd, leastMs };
  const measuring = async () => {
    await sendFirstCards(bench);
    await simulator.answerAfter(answerMs);
    return tell(await reassignAll(bench), bench, print);
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
  await until(`Sending ${creates} cards`, enough, { pollMs: POLL_MS, limitMs });
}

async function sendFirstCards(bench: Bench): Promise<void> {
  const { crowd, table } = bench;
  const all = [...crowd.issues, ...crowd.quiet];
  await bench.simulator.resetCalls();
  for (const [index, issueId] of all.entries()) {
    const issue = demoIssue(issueId, 'http://127.0.0.1', new Date());
    await table.put(withAssignee(issue, `first-${index % APPROVERS}@example.com`));
  }
  await untilCreated(bench, all.length);
  await pause(QUIET_MS);
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
  { simulator, table, crowd }: Bench,
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
    return until(`The approval of ${issueId}`, approved, patience).catch(() => undefined);
  };
  const tapNext = () => {
    const issueId = left.shift();
    if (issueId !== undefined) taps.push(tap(issueId));
  };
  tapNext();
  const timer = setInterval(tapNext, TAP_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      const times = await Promise.all(taps);
      const tapsMs = times.filter((time) => time !== undefined);
      return { tapsMs, missed: times.length - tapsMs.length };
    },
  };
}

function tell(
  { tookMs, tapsMs, missed, counts, tally }: Reassigned,
  { issues, callsPerMinute, leastMs }: Bench,
  print: (line: string) => void,
): boolean {
  const [calls, refused] = [sum(counts.calls), sum(counts.refused)];
  const least = leastMs(issues);
  const byEndpoint = Object.entries(counts.calls).map(([name, count]) => `${name} ${count}`);
  print(factLine('issues reassigned', issues));
  print(factLine('cards sent', tally.sent));
  print(factLine('cards taken back', tally.takenBack));
  print(factLine('cards doubled', tally.doubled));
  print(factLine('cards lost', tally.lost));
  print(factLine('Feishu calls', `${calls} (${byEndpoint.join(', ')})`));
  print(factLine('refused calls', `${refused} (${percent(refused / calls)})`));
  print(factLine('time', minutes(tookMs)));
  print(
    factLine('at the very rate of the limit', `${minutes(least)} (${issues} at ${callsPerMinute} a minute)`),
  );
  print(factLine('ratio of the two', (tookMs / least).toFixed(2)));
  print(timesLine('tap meanwhile → tasks PENDING', tapsMs));
  const kept =
    tally.doubled === 0 &&
    tally.lost === 0 &&
    tally.takenBack === issues &&
    missed === 0 &&
    refused < REFUSED_SHARE * calls;
  if (!kept)
    print('\nThis is not what was promised: none lost, none twice, every tap applied, few calls refused.');
  return kept;
}
