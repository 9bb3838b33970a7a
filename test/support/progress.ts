import { progress } from '@clack/prompts';

export interface Progress {
  advance(): void;
  /** Sets how many are done. A lower number than before is ignored. */
  advanceTo(done: number): void;
  stop(): void;
}

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Shows a bar on a terminal, and a line for each 10 % elsewhere. `what` is what is counted, e.g. `stories`. */
export function showProgress(total: number, what: string): Progress {
  const count = (done: number) =>
    `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} ${what}`;
  const tenth = Math.max(1, Math.ceil(total / 10));
  const bar = process.stdout.isTTY ? progress({ max: total }) : undefined;
  bar?.start(`0 ${what}`);
  let done = 0;
  const advanceTo = (next: number) => {
    if (next <= done) return;
    bar?.advance(next - done, count(next));
    if (!bar && Math.floor(next / tenth) > Math.floor(done / tenth)) print(count(next));
    done = next;
  };
  return { advanceTo, advance: () => advanceTo(done + 1), stop: () => bar?.stop() };
}
