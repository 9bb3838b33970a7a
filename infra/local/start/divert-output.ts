import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

interface Terminal {
  print(text: string): void;
  complain(text: string): void;
}

/**
 * Redirects standard output and error to `file`: the functions write JSON logs and metrics there, which would hide the
 * story. Returns functions that still write to the terminal.
 */
export function divertOutput(file: string): Terminal {
  const print = process.stdout.write.bind(process.stdout);
  const complain = process.stderr.write.bind(process.stderr);
  mkdirSync(dirname(file), { recursive: true });
  const log = createWriteStream(file);
  log.on('error', () => undefined);
  for (const stream of [process.stdout, process.stderr]) {
    // The reader of our output may end first (`npm start | head`): go on.
    stream.on('error', () => undefined);
    stream.write = (chunk: string | Uint8Array) => log.write(chunk);
  }
  return { print: (text) => void print(text), complain: (text) => void complain(text) };
}
