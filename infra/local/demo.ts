import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Environment, readPort } from './config.ts';
import {
  type Approval,
  ASSIGNEE,
  demoIssue,
  type Issue,
  stageOf,
  withAssignee,
  withBell,
  withStageRun,
  withStatement,
} from './frabit.ts';
import { type FrabitTable, openFrabitTable } from './frabit-table.ts';
import { StartProblem } from './problem.ts';
import { type Card, openSimulator, type SimulatorClient } from './simulator-client.ts';

/** `npm run demo`: one issue's whole story against a running `npm start`. */

const SECOND_ASSIGNEE = 'lead@example.com';
const POLL_MS = 10;

interface Play {
  table: FrabitTable;
  simulator: SimulatorClient;
  issueId: string;
  /** Where the link of the issue leads. */
  front: string;
  /** Waits until `look` finds something; fails with `expected` when the step's time is over. */
  until<T>(expected: string, look: (issue: Issue) => Promise<T | undefined> | T | undefined): Promise<T>;
}

interface Step {
  title: string;
  /** Resolves to what is to be said of the outcome. */
  play(play: Play): Promise<string>;
}

/** The approval of the current stage and its card, once both are pending and the one before is closed. */
function aNewCard(play: Play, trigger: string, email: string, before?: Approval): Promise<Card> {
  const expected = `a card for ${email} because of ${trigger}${before ? ', and the one before taken back' : ''}`;
  return play.until(expected, async (issue) => {
    const approval = approvalOf(issue);
    if (approval?.state !== 'PENDING' || approval.approvalId === before?.approvalId) return undefined;
    if (!approval.triggers.includes(trigger)) return undefined;
    const { pending } = await play.simulator.inbox(email);
    if (before && pending.some((card) => isCardOf(card, before))) return undefined;
    return pending.find((card) => isCardOf(card, approval));
  });
}

const isCardOf = (card: Card, approval: Approval): boolean =>
  card.uuid?.toLowerCase() === approval.approvalId.toLowerCase();

const approvalOf = (issue: Issue): Approval | undefined => issue.stageApprovals?.[issue.currentStageId ?? ''];

const read = async ({ table, issueId }: Play): Promise<Issue> => {
  const issue = await table.read(issueId);
  if (!issue) throw new Error('The demo issue is gone from the table.');
  return issue;
};

const pendingCard = async (play: Play, email: string): Promise<Card> => {
  const approval = approvalOf(await read(play));
  const { pending } = await play.simulator.inbox(email);
  const card = approval && pending.find((each) => isCardOf(each, approval));
  if (!card) throw new Error(`There is no card for ${email} to tap on.`);
  return card;
};

async function tapApprove(play: Play): Promise<string> {
  const card = await pendingCard(play, SECOND_ASSIGNEE);
  await play.simulator.approve(card.instanceCode, SECOND_ASSIGNEE);
  return play.until('every task of the stage PENDING, and the approval APPROVED', (issue) => {
    const tasks = stageOf(issue)?.tasks ?? [];
    const approval = approvalOf(issue);
    if (approval?.state !== 'APPROVED' || tasks.some(({ status }) => status !== 'PENDING')) return undefined;
    const by = approval.decisions[0]?.by.email ?? 'somebody';
    return `approved by ${by}, ${tasks.length} tasks PENDING`;
  });
}

async function ring(play: Play): Promise<string> {
  const before = approvalOf(await read(play));
  await play.table.change(play.issueId, (issue) => withBell(issue, new Date()));
  await aNewCard(play, 'BELL', SECOND_ASSIGNEE, before);
  return `sent again to ${SECOND_ASSIGNEE}`;
}

const STEPS: Step[] = [
  {
    title: 'New stage',
    async play(play) {
      await play.table.put(demoIssue(play.issueId, play.front, new Date()));
      await aNewCard(play, 'NEW_STAGE', ASSIGNEE.email);
      return `sent to ${ASSIGNEE.email}`;
    },
  },
  {
    title: 'Assignee changed',
    async play(play) {
      const before = approvalOf(await read(play));
      await play.table.change(play.issueId, (issue) => withAssignee(issue, SECOND_ASSIGNEE));
      await aNewCard(play, 'ASSIGNEE_CHANGED', SECOND_ASSIGNEE, before);
      await play.until(`no card left with ${ASSIGNEE.email}`, async () => {
        const { pending } = await play.simulator.inbox(ASSIGNEE.email);
        return before && pending.some((card) => isCardOf(card, before)) ? undefined : true;
      });
      return `taken back from ${ASSIGNEE.email}, sent to ${SECOND_ASSIGNEE}`;
    },
  },
  {
    title: 'SQL changed',
    async play(play) {
      const before = approvalOf(await read(play));
      const statement = 'UPDATE customers SET loyalty_points = 100 WHERE loyalty_points = 0;';
      await play.table.change(play.issueId, (issue) => withStatement(issue, 'backfill', statement));
      const card = await aNewCard(play, 'STATEMENT_CHANGED', SECOND_ASSIGNEE, before);
      const shown = card.form.map(({ value }) => value['en-US']).join('\n');
      if (!shown.includes(statement)) throw new Error('The new card does not show the new SQL.');
      return 'sent again with the new SQL';
    },
  },
  { title: 'Bell', play: ring },
  { title: 'Approved by one tap', play: tapApprove },
  {
    title: 'Next stage',
    async play(play) {
      await play.table.change(play.issueId, withStageRun);
      await aNewCard(play, 'NEW_STAGE', SECOND_ASSIGNEE);
      return `sent to ${SECOND_ASSIGNEE}`;
    },
  },
  {
    title: 'Rejected',
    async play(play) {
      const card = await pendingCard(play, SECOND_ASSIGNEE);
      const comment = 'Please run this after the release.';
      await play.simulator.reject(card.instanceCode, SECOND_ASSIGNEE, comment);
      return play.until('the approval REJECTED with its comment, the tasks untouched', (issue) => {
        const approval = approvalOf(issue);
        const untouched = stageOf(issue)?.tasks.every(({ status }) => status === 'PENDING_APPROVAL');
        return approval?.state === 'REJECTED' && approval.decisions[0]?.comment === comment && untouched
          ? `“${comment}”, tasks untouched`
          : undefined;
      });
    },
  },
  { title: 'Bell again', play: ring },
  { title: 'Approved', play: tapApprove },
];

async function openPlay(env: Environment): Promise<Play & { close(): void }> {
  const front = `http://127.0.0.1:${readPort(env, 'PORT', 3000)}`;
  const health = await fetch(`${front}/health`).catch(() => undefined);
  if (health?.status !== 200) {
    throw new StartProblem(
      health
        ? `The stack at ${front} is still starting: try again in a moment.`
        : `Nothing answers at ${front}: run "npm start" in another terminal first, or set PORT to its port.`,
    );
  }
  const simulatorUrl = `http://127.0.0.1:${readPort(env, 'FEISHU_SIMULATOR_PORT', 3001)}`;
  const simulator = openSimulator(simulatorUrl);
  await simulator.inbox(ASSIGNEE.email).catch(() => {
    throw new StartProblem(
      `No Feishu simulator answers at ${simulatorUrl}: the demo taps on its cards, so start the stack without FEISHU_BASE_URL, or set FEISHU_SIMULATOR_PORT to its port.`,
    );
  });
  const table = openFrabitTable(`http://127.0.0.1:${readPort(env, 'DYNAMODB_PORT', 8000)}`);
  const issueId = `demo-${randomBytes(4).toString('hex')}`;
  const limitMs = Number(env.DEMO_STEP_SECONDS || 20) * 1000;
  return {
    table,
    simulator,
    issueId,
    front,
    close: () => table.close(),
    async until(expected, look) {
      const deadline = performance.now() + limitMs;
      for (;;) {
        const issue = await table.read(issueId);
        const found = issue && (await look(issue));
        if (found !== undefined) return found;
        if (performance.now() > deadline) {
          const approval = issue && approvalOf(issue);
          const stands = approval ? `the approval stands at ${approval.state}` : 'there is no approval';
          throw new Error(`Expected ${expected} within ${limitMs / 1000} s; ${stands}.`);
        }
        await pause(POLL_MS);
      }
    },
  };
}

async function main(): Promise<number> {
  const play = await openPlay(process.env);
  const width = Math.max(...STEPS.map(({ title }) => title.length));
  process.stdout.write(`The story of issue ${play.issueId}\n\n`);
  try {
    for (const [index, step] of STEPS.entries()) {
      const head = `${String(index + 1).padStart(2)}  ${step.title.padEnd(width)}`;
      const startedAt = performance.now();
      try {
        const outcome = await step.play(play);
        const latency = `${Math.round(performance.now() - startedAt)} ms`;
        process.stdout.write(`✔ ${head}  ${latency.padStart(8)}  ${outcome}\n`);
      } catch (error) {
        process.stdout.write(`✘ ${head}\n`);
        const said = error instanceof Error ? error.message : 'Something failed.';
        process.stderr.write(`Step ${index + 1}, “${step.title}”, did not end as it should. ${said}\n`);
        return 1;
      }
    }
    process.stdout.write('\nEvery step ended as it should.\n');
    return 0;
  } finally {
    play.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The demo failed.'}\n`);
  process.exitCode = 1;
}
