import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliIo } from './io.ts';
import { readLines } from './logs/read-lines.ts';
import { runCli } from './run.ts';
import { createAsker, showProgress } from './terminal.ts';

/** Runs `npx frabit-im` with the real streams, clock, network and AWS configuration. */

const { stdin, stdout, stderr } = process;
// A reader may close the pipe early, as `head` does.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

const io: CliIo = {
  stdout: { write: (line) => void stdout.write(line), isTerminal: stdout.isTTY === true },
  stderr: { write: (line) => void stderr.write(line), isTerminal: stderr.isTTY === true },
  ask: stdin.isTTY && stderr.isTTY ? createAsker({ input: stdin, output: stderr }) : undefined,
  showProgress: stderr.isTTY ? showProgress : undefined,
  readStdin: () => text(stdin),
  readFile: (path) => readFile(path, 'utf8'),
  readLines,
  async isReadableByOthers(path) {
    const found = await stat(path);
    // Windows has no such permission bits.
    return process.platform !== 'win32' && found.isFile() && (found.mode & 0o044) !== 0;
  },
  env: process.env,
  fetch,
  now: () => new Date(),
  sleep,
  newId: randomUUID,
};

process.exitCode = await runCli(process.argv.slice(2), io);
