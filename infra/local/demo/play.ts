import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { cannotStart } from '../../command-problem.ts';
import { type Environment, readPort } from '../environment.ts';
import { type Approval, ASSIGNEE, type Issue, OA_STEP_ID } from '../frabit/frabit.ts';
import { type FrabitTable, openFrabitTable } from '../frabit/frabit-table.ts';
import { openSimulator, type SimulatorClient } from '../simulators/feishu/control-client.ts';
import { type OaClient, openOa } from '../simulators/oa/control-client.ts';

const POLL_MS = 10;

/** The running stack, as the people of the demo reach it. */
interface RunningStack {
  table: FrabitTable;
  simulator: SimulatorClient;
  oa: OaClient;
  /** The address of the links to issues. */
  front: string;
  /** How long a step of the demo may take. */
  limitMs: number;
}

/** The story of one issue. */
export interface Play extends RunningStack {
  issueId: string;
  /** Waits until `look` finds something. Rejects with `expected` when the time of the step is over. */
  until<T>(expected: string, look: (issue: Issue) => Promise<T | undefined> | T | undefined): Promise<T>;
}

export interface DemoStep {
  title: string;
  /** Resolves to a text about the result. */
  play(play: Play): Promise<string>;
}

/** The approval of the current stage, and that of the step that the OA decides. */
export const approvalOf = (issue: Issue): Approval | undefined =>
  issue.stageApprovals?.[issue.currentStageId ?? ''];
export const stepApprovalOf = (issue: Issue): Approval | undefined => issue.stepApprovals?.[OA_STEP_ID];

/** Finds the running stack by the variables of docs/contract.md 7. Rejects with a CommandProblem. */
export async function openRunningStack(env: Environment): Promise<RunningStack> {
  const front = `http://127.0.0.1:${readPort(env, 'PORT', 3000)}`;
  const health = await fetch(`${front}/health`).catch(() => undefined);
  if (health?.status !== 200) {
    throw cannotStart(
      health
        ? `The stack at ${front} is still starting: try again in a moment.`
        : `Nothing answers at ${front}: run "npm start" in another terminal first, or set PORT to its port.`,
    );
  }
  const simulatorUrl = `http://127.0.0.1:${readPort(env, 'FEISHU_SIMULATOR_PORT', 3001)}`;
  const simulator = openSimulator(simulatorUrl);
  await simulator.inbox(ASSIGNEE.email).catch(() => {
    throw cannotStart(
      `No Feishu simulator answers at ${simulatorUrl}: the demo needs its cards, so start the stack without FEISHU_BASE_URL, or set FEISHU_SIMULATOR_PORT to its port.`,
    );
  });
  return {
    table: openFrabitTable(`http://127.0.0.1:${readPort(env, 'DYNAMODB_PORT', 8000)}`),
    simulator,
    oa: openOa(await findOa(front)),
    front,
    limitMs: Number(env.DEMO_STEP_SECONDS || 20) * 1000,
  };
}

const aboutSchema = z.object({ oaInboxUrl: z.url() });

/** The OA simulator may have any port: asks the stack for it. */
async function findOa(front: string): Promise<string> {
  const about = await (await fetch(`${front}/console/about`)).json();
  return aboutSchema.parse(about).oaInboxUrl.replace(/\/$/, '');
}

export function createPlay(stack: RunningStack, issueId: string): Play {
  const { table, limitMs } = stack;
  return {
    ...stack,
    issueId,
    async until(expected, look) {
      const deadline = performance.now() + limitMs;
      for (;;) {
        const issue = await table.read(issueId);
        const found = issue && (await look(issue));
        if (found !== undefined) return found;
        if (performance.now() > deadline) {
          const approval = issue && (approvalOf(issue) ?? stepApprovalOf(issue));
          const stands = approval ? `the approval is ${approval.state}` : 'there is no approval';
          throw new Error(`Expected ${expected} within ${limitMs / 1000} s; ${stands}.`);
        }
        await pause(POLL_MS);
      }
    },
  };
}
