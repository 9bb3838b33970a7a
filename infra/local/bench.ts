import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Environment, readPort } from './config.ts';
import { demoIssue, type Issue, stageOf, withAssignee } from './frabit.ts';
import { type FrabitTable, openFrabitTable } from './frabit-table.ts';
import { openSimulator, type SimulatorClient } from './simulator-client.ts';

/** `npm run bench`: the speed of a running `npm start`, one issue after another. */

/** Feishu takes 100 creates a minute: a little under that, nothing ever waits for a slot. */
const PACE_MS = 625;
const POLL_MS = 4;
const STEP_LIMIT_MS = 30_000;
/** So many approvers take turns: people are cached, and no inbox grows long. */
const APPROVERS = 20;

interface Timing {
  sentMs: number;
  approvedMs: number;
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + STEP_LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} took more than ${STEP_LIMIT_MS / 1000} s.`);
    await pause(POLL_MS);
  }
}

/** One issue: written → card in the inbox, then tap → every task of the stage PENDING. */
async function measure(
  table: FrabitTable,
  simulator: SimulatorClient,
  run: string,
  index: number,
): Promise<Timing> {
  const approver = `bench-${index % APPROVERS}@example.com`;
  const issueId = `bench-${run}-${index}`;
  const issue = withAssignee(demoIssue(issueId, 'http://127.0.0.1', new Date()), approver);
  const written = performance.now();
  await table.put(issue);
  const card = await until(
    `The card of ${issueId}`,
    async () => (await simulator.inbox(approver)).pending[0],
  );
  const tapped = performance.now();
  await simulator.approve(card.instanceCode, approver);
  await until(`The approval of ${issueId}`, async () => {
    const approved = await table.read(issueId);
    return approved && isApproved(approved) ? true : undefined;
  });
  return { sentMs: tapped - written, approvedMs: performance.now() - tapped };
}

const isApproved = (issue: Issue): boolean =>
  stageOf(issue)?.tasks.every(({ status }) => status === 'PENDING') === true;

async function measureAll(env: Environment, print: (line: string) => void): Promise<void> {
  const front = `http://127.0.0.1:${readPort(env, 'PORT', 3000)}`;
  const health = await fetch(`${front}/health`).catch(() => undefined);
  if (health?.status !== 200) {
    throw new Error(`Nothing is ready at ${front}: run "SEED=0 npm start" in another terminal first.`);
  }
  const simulator = openSimulator(`http://127.0.0.1:${readPort(env, 'FEISHU_SIMULATOR_PORT', 3001)}`);
  const table = openFrabitTable(`http://127.0.0.1:${readPort(env, 'DYNAMODB_PORT', 8000)}`);
  const issues = Number(env.BENCH_ISSUES || 200);
  const run = randomBytes(3).toString('hex');
  const minutes = Math.ceil(((issues + APPROVERS) * PACE_MS) / 60_000);
  print(
    `${issues} issues after ${APPROVERS} to warm up, ${Math.round(60_000 / PACE_MS)} a minute because Feishu`,
  );
  print(`takes 100 creates a minute: about ${minutes} min.\n`);

  const timings: Timing[] = [];
  for (let index = 0; index < APPROVERS + issues; index += 1) {
    if (index === APPROVERS) await simulator.resetCalls();
    const next = pause(PACE_MS);
    const timing = await measure(table, simulator, run, index);
    if (index >= APPROVERS) timings.push(timing);
    await next;
  }
  const calls = await simulator.calls();
  table.close();

  printRow(
    print,
    'issue written → card in the inbox',
    timings.map(({ sentMs }) => sentMs),
  );
  printRow(
    print,
    'tap → tasks PENDING',
    timings.map(({ approvedMs }) => approvedMs),
  );
  print('\nFeishu calls an approved approval');
  for (const [endpoint, count] of Object.entries(calls)) {
    print(`  ${endpoint.padEnd(34)}${(count / issues).toFixed(2).padStart(8)}`);
  }
  const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
  print(`  ${'together'.padEnd(34)}${(total / issues).toFixed(2).padStart(8)}`);
}

function printRow(print: (line: string) => void, name: string, milliseconds: number[]): void {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)} ms`;
  print(`${name.padEnd(36)}n ${sorted.length}   p50 ${at(0.5).padStart(7)}   p95 ${at(0.95).padStart(7)}`);
}

async function main(): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const [cpu] = cpus();
  print(
    `Machine  ${cpus().length} × ${cpu?.model.trim() || 'unknown CPU'}, ${(totalmem() / 2 ** 30).toFixed(0)} GB`,
  );
  print(`Node     ${process.version} on ${process.platform} ${process.arch}`);
  await measureAll(process.env, print);
  // Of its own, so that it measures the product's code and nothing of this process.
  const script = resolve(import.meta.dirname, '../../test/bench/triggers.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  print(`\n${stdout.trimEnd()}`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The bench failed.'}\n`);
  process.exitCode = 1;
}
