import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * A failure that a person can fix: `message` is one line that says what to do and holds no secret, no token and no SQL;
 * `code` is stable and for machines.
 */
export class CommandProblem extends Error {
  readonly code: string;
  readonly exit: ExitCode;

  constructor(exit: ExitCode, code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'CommandProblem';
    this.code = code;
    this.exit = exit;
  }
}

/** The local stack cannot start; the message names what to set. */
export const cannotStart = (message: string): CommandProblem =>
  new CommandProblem(EXIT.failed, 'CANNOT_START', message);
