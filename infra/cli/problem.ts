import { CommandProblem } from '../command-problem.ts';
import { EXIT } from '../exit-codes.ts';

export const badInput = (message: string): CommandProblem =>
  new CommandProblem(EXIT.badInput, 'BAD_INPUT', message);

export const outOfReach = (code: string, message: string, cause?: unknown): CommandProblem =>
  new CommandProblem(EXIT.outOfReach, code, message, { cause });

export const canceled = (): CommandProblem =>
  new CommandProblem(EXIT.canceled, 'CANCELED', 'Stopped: nothing was changed.');
