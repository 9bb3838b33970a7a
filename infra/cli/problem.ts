import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * A failure as the person sees it: `code` is stable and for machines, `message` is one line that says what to do
 * and holds no secret, no token and no SQL.
 */
export class CliProblem extends Error {
  readonly code: string;
  readonly exit: ExitCode;

  constructor(exit: ExitCode, code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'CliProblem';
    this.code = code;
    this.exit = exit;
  }
}

export const badInput = (message: string): CliProblem => new CliProblem(EXIT.badInput, 'BAD_INPUT', message);

export const outOfReach = (code: string, message: string, cause?: unknown): CliProblem =>
  new CliProblem(EXIT.outOfReach, code, message, { cause });

export const canceled = (): CliProblem =>
  new CliProblem(EXIT.canceled, 'CANCELED', 'Stopped: nothing was changed.');
