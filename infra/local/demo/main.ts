import { newIssueId } from '../frabit/console-routes.ts';
import { FEISHU_STEPS } from './feishu-steps.ts';
import { OA_STEPS } from './oa-steps.ts';
import { createPlay, type DemoStep, openRunningStack, type Play } from './play.ts';

/** `npm run demo`: plays the stories of two issues against a running `npm start`. */

const CHAPTERS: { heading: (issueId: string) => string; steps: DemoStep[] }[] = [
  { heading: (issueId) => `The story of issue ${issueId}`, steps: FEISHU_STEPS },
  { heading: (issueId) => `The story of issue ${issueId}, which an OA must approve first`, steps: OA_STEPS },
];

const TITLES = CHAPTERS.flatMap(({ steps }) => steps.map(({ title }) => title));
const WIDTH = Math.max(...TITLES.map((title) => title.length));

/** Plays a step and prints the result. Resolves to whether it succeeded. */
async function playStep(step: DemoStep, number: number, play: Play): Promise<boolean> {
  const head = `${String(number).padStart(2)}  ${step.title.padEnd(WIDTH)}`;
  const startedAt = performance.now();
  try {
    const outcome = await step.play(play);
    const latency = `${Math.round(performance.now() - startedAt)} ms`;
    process.stdout.write(`✔ ${head}  ${latency.padStart(8)}  ${outcome}\n`);
    return true;
  } catch (error) {
    process.stdout.write(`✘ ${head.trimEnd()}\n`);
    const said = error instanceof Error ? error.message : 'Something failed.';
    process.stderr.write(`Step ${number}, “${step.title}”, failed. ${said}\n`);
    return false;
  }
}

async function main(): Promise<number> {
  const stack = await openRunningStack(process.env);
  let number = 0;
  try {
    for (const { heading, steps } of CHAPTERS) {
      const play = createPlay(stack, newIssueId());
      process.stdout.write(`${number === 0 ? '' : '\n'}${heading(play.issueId)}\n\n`);
      for (const step of steps) {
        number += 1;
        if (!(await playStep(step, number, play))) return 1;
      }
    }
    process.stdout.write('\nEvery step succeeded.\n');
    return 0;
  } finally {
    stack.table.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'The demo failed.'}\n`);
  process.exitCode = 1;
}
