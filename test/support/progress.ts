import { progress } from '@clack/prompts';

export interface Progress {
  advance(): void;
  /** So many are done; less than before is passed over. */
  advanceTo(done: number): void;
  stop(): void;
}

const print = (line: string) => void process.stdout.write(`${line}\n`);

/** A bar on a terminal, a line every tenth elsewhere. `what` is counted, e.g. `stories`. */
export function showProgress(total: number, what: string): Progress {
  const count = (done: number) =>
    `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} ${what}`;
  const step = Math.max(1, Math.ceil(total / 10));
  const bar = process.stdout.isTTY ? progress({ max: total }) : undefined;
  bar?.start(`0 ${what}`);
  let done = 0;
  const advanceTo = (next: number) => {
    if (next <= done) return;
    bar?.advance(next - done, count(next));
    if (!bar && Math.floor(next / step) > Math.floor(done / step)) print(count(next));
    done = next;
  };
  return { advanceTo, advance: () => advanceTo(done + 1), stop: () => bar?.stop() };
}
