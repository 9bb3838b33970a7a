import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Cleanup } from '../cleanup.ts';
import { type Environment, readPort } from '../environment.ts';
import { demoIssue, isReadyToRun, withAssignee } from '../frabit/frabit.ts';
import { type FrabitTable, openFrabitTable } from '../frabit/frabit-table.ts';
import { pollUntil } from '../poll-until.ts';
import { openSimulator, type SimulatorClient } from '../simulators/feishu/control-client.ts';
import { callsLines, timesLine } from './report.ts';

/** A little below the 90 slots a minute: no round ever waits for a slot. */
const PACE_MS = 690;
const POLL_MS = 4;
const STEP_LIMIT_MS = 30_000;
/** The number of approvers who take turns: people are cached, and no inbox gets long. */
const APPROVERS = 20;

interface Timing {
  sentMs: number;
  approvedMs: number;
}

/** Measures the speed of a running `npm start`, issue by issue, and that of detecting triggers alone. */
export async function measureSpeed(
  env: Environment,
  issues: number,
  print: (line: string) => void,
  cleanup: Cleanup,
): Promise<void> {
  const { table, simulator } = await openRunningStack(env);
  cleanup.add(() => table.close());
  const run = randomBytes(3).toString('hex');
  const minutes = Math.ceil(((issues + APPROVERS) * PACE_MS) / 60_000);
  print(
    `${issues} issues after ${APPROVERS} to warm up, ${Math.round(60_000 / PACE_MS)} a minute because Feishu`,
  );
  print(`allows 100 creates a minute: about ${minutes} min.\n`);

  const timings: Timing[] = [];
  for (let index = 0; index < APPROVERS + issues; index += 1) {
    if (index === APPROVERS) await simulator.resetCalls();
    const next = pause(PACE_MS);
    const timing = await measure(table, simulator, run, index);
    if (index >= APPROVERS) timings.push(timing);
    await next;
  }
  const { calls } = await simulator.calls();

  const sent = timings.map(({ sentMs }) => sentMs);
  print(timesLine('issue written → card in the inbox', sent));
  const approved = timings.map(({ approvedMs }) => approvedMs);
  print(timesLine('tap → tasks PENDING', approved));
  print('\nFeishu calls an approved approval');
  for (const line of callsLines(calls, issues)) print(line);

  // In its own process, so that it measures only the product's code.
  const script = resolve(import.meta.dirname, '../../../test/bench/triggers.ts');
  const running = promisify(execFile)(process.execPath, [script]);
  cleanup.add(() => void running.child.kill());
  const { stdout } = await running;
  print(`\n${stdout.trimEnd()}`);
}

async function openRunningStack(
  env: Environment,
): Promise<{ table: FrabitTable; simulator: SimulatorClient }> {
  const front = `http://127.0.0.1:${readPort(env, 'PORT', 3000)}`;
  const health = await fetch(`${front}/health`).catch(() => undefined);
  if (health?.status !== 200) {
    throw new Error(
      `Nothing is ready at ${front}: run "SEED=0 npm start" in another terminal first, or run the other part only: npm run bench -- --only limits`,
    );
  }
  return {
    simulator: openSimulator(`http://127.0.0.1:${readPort(env, 'FEISHU_SIMULATOR_PORT', 3001)}`),
    table: openFrabitTable(`http://127.0.0.1:${readPort(env, 'DYNAMODB_PORT', 8000)}`),
  };
}

/** Measures one issue: from written to card in the inbox, then from tap to every task of the stage PENDING. */
async function measure(
  table: FrabitTable,
  simulator: SimulatorClient,
  run: string,
  index: number,
): Promise<Timing> {
  const approver = `bench-${index % APPROVERS}@example.com`;
  const issueId = `bench-${run}-${index}`;
  const issue = withAssignee(demoIssue(issueId, 'http://127.0.0.1', new Date()), approver);
  const patience = { pollMs: POLL_MS, limitMs: STEP_LIMIT_MS };
  const written = performance.now();
  await table.put(issue);
  const card = await pollUntil(
    `The card of ${issueId}`,
    async () => (await simulator.inbox(approver)).pending[0],
    patience,
  );
  const tapped = performance.now();
  await simulator.approve(card.instanceCode, approver);
  const approved = async () => {
    const record = await table.read(issueId);
    return record && isReadyToRun(record) ? true : undefined;
  };
  await pollUntil(`The approval of ${issueId}`, approved, patience);
  return { sentMs: tapped - written, approvedMs: performance.now() - tapped };
}
