/** The exit codes of `frabit-im`; the help of the root command tells them. */
export const EXIT = {
  done: 0,
  /** It ran, but something is not right: a check failed, a test was not approved, an item could not be redriven. */
  notRight: 1,
  /** Bad input; nothing was done. */
  badInput: 2,
  /** No credentials, Region, stack, network or right; nothing was done. */
  outOfReach: 3,
  /** Ctrl-C: at a question nothing was done, later what was begun may be. */
  canceled: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    it ran, but something is not right: a check failed, a test was rejected or not
       tapped in time, some letters could not be redriven
  2    bad input; nothing was done
  3    out of reach: no AWS credentials, Region, stack or network, or the local stack
       does not run
  130  Ctrl-C: at a question nothing was done, later what was begun may be`;
