import type { Readable, Writable } from 'node:stream';
import { confirm, password, progress, spinner, text } from '@clack/prompts';
import { EXIT } from '../exit-codes.ts';
import type { Asker, Progress, ProgressOptions } from './io.ts';
import { canceled } from './problem.ts';

/** Questions and progress on a terminal, all on stderr: stdout is only for the result. */

const output = process.stderr;

function unlessCanceled<T>(answer: T): Exclude<T, symbol> {
  if (isAnswer(answer)) return answer;
  throw canceled();
}

const isAnswer = <T>(answer: T): answer is Exclude<T, symbol> => typeof answer !== 'symbol';

export function createAsker(terminal: { input: Readable; output: Writable }): Asker {
  return {
    text: async (message, validate) =>
      unlessCanceled(await text({ message, ...terminal, validate: (answer) => validate(answer ?? '') })),
    // With an empty mask, nothing is printed while the user types.
    secret: async (message) => unlessCanceled((await password({ message, ...terminal, mask: '' })) ?? ''),
    confirm: async (message) => unlessCanceled(await confirm({ message, ...terminal, initialValue: false })),
  };
}

/** Shows a bar if the total is known, else a spinner. */
export function showProgress(first: string, { total, canceled: left }: ProgressOptions): Progress {
  // While progress is shown, clack handles Ctrl-C and ends the process with 0.
  const onExit = () => {
    process.exitCode = EXIT.canceled;
  };
  const options = {
    output,
    cancelMessage: left ?? 'Stopped: the work done so far stays done',
    onCancel: () => process.exit(EXIT.canceled),
  };
  const bar = total === undefined ? undefined : progress({ ...options, max: total });
  const shown = bar ?? spinner(options);
  process.once('exit', onExit);
  shown.start(first);
  let running = true;
  return {
    update: (now) => shown.message(now),
    advance: (steps, now) => (bar ? bar.advance(steps, now) : shown.message(now)),
    stop() {
      if (!running) return;
      running = false;
      process.off('exit', onExit);
      shown.clear();
    },
  };
}
