import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Terminal {
  print(text: string): void;
  complain(text: string): void;
}

/**
 * The functions write JSON logs and metrics to standard output and error, where they would drown the story: from now
 * on they go to `file`. Returns what still writes to the terminal.
 */
export function divertOutput(file: string): Terminal {
  const print = process.stdout.write.bind(process.stdout);
  const complain = process.stderr.write.bind(process.stderr);
  mkdirSync(dirname(file), { recursive: true });
  const log = createWriteStream(file);
  log.on('error', () => undefined);
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever reads our output may leave (`npm start | head`): that is no reason to stop.
    stream.on('error', () => undefined);
    stream.write = (chunk: string | Uint8Array) => log.write(chunk);
  }
  return { print: (text) => void print(text), complain: (text) => void complain(text) };
}
