/** The exit codes of all commands; `frabit-im --help` explains them. */
export const EXIT = {
  done: 0,
  /** The command ran, but something is wrong: a check failed, a stack did not start, an item could not be redriven. */
  failed: 1,
  /** Bad input; nothing was done. */
  badInput: 2,
  /** No credentials, Region, stack, network or permission; nothing was done. */
  outOfReach: 3,
  /** Ctrl-C: nothing was done if it came at a question, later the work that was started may be done. */
  canceled: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
