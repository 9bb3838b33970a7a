import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The OA of the README, as somebody runs it who took it from there. */

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const chapter = readme.split(/^## /m).find((one) => one.startsWith('External approvals\n')) ?? '';

/** The code blocks of the chapter, in order. */
export const blocksOf = (language: string): string[] =>
  [...chapter.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text = '']) =>
    name === language ? [text] : [],
  );

export const OA_SOURCE = blocksOf('js')[0] ?? '';

export interface ReadmeOa {
  /** The ids of what it was asked, in order. */
  asked(): string[];
  /** Types a line at its terminal. */
  type(line: string): void;
  /** Ends it and starts it anew: it has forgotten everything. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Rejects if it ends at once. */
export async function startReadmeOa(env: {
  SIGNING_SECRET: string;
  EVENTS_URL: string;
  PORT: string;
}): Promise<ReadmeOa> {
  const directory = await mkdtemp(join(tmpdir(), 'frabit-readme-oa-'));
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
