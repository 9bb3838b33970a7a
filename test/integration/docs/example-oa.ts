import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeBlocksOf, readPage } from '../../unit/docs/pages.ts';

/** The OA of docs/external-approvals.md, run as a reader who copies it would run it. */

const page = readPage('docs/external-approvals.md');

/** Returns the code blocks of the page in this language, in order. */
export const blocksOf = (language: string): string[] => codeBlocksOf(page, language);

export const OA_SOURCE = `${blocksOf('js')[0] ?? ''}\n`;

export interface ExampleOa {
  /** The ids of the approvals that it received, in order. */
  asked(): string[];
  /** Types a line into its terminal. */
  type(line: string): void;
  /** Stops it and starts it again, which makes it forget everything. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the OA in a process of its own. */
export async function startExampleOa(env: {
  SIGNING_SECRET: string;
  EVENTS_URL: string;
  PORT: string;
}): Promise<ExampleOa> {
  const directory = await mkdtemp(join(tmpdir(), 'frabit-example-oa-'));
  const file = join(directory, 'oa.mjs');
  await writeFile(file, OA_SOURCE);
  let output = '';
  const run = () => {
    const child = spawn(process.execPath, [file], {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    return child;
  };
  let child = run();
  const end = async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'close');
  };
  return {
    asked: () => [...output.matchAll(/^APPROVED (\S+)\?$/gm)].map(([, id = '']) => id),
    type: (line) => void child.stdin.write(`${line}\n`),
    async restart() {
      await end();
      output = '';
      child = run();
    },
    async stop() {
      await end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
