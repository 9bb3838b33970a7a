import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { Deployment } from './deployment.ts';
import type { Asker, CliIo, Progress, ProgressOptions } from './io.ts';

/** The options that every command has. */
export interface GlobalOptions {
  json: boolean;
  stack: string;
  region?: string | undefined;
  profile?: string | undefined;
  /** The URL of a local stack, instead of a deployed one. */
  local?: string | undefined;
}

/** What a command works with. */
export interface Context {
  io: CliIo;
  options: GlobalOptions;
  /** Prints a line for people on stdout; does nothing with --json. */
  print(line?: string): void;
  paint: Paint;
  /** Absent with --json, and without a terminal. */
  ask: Asker | undefined;
  /** Does nothing without a terminal. */
  progress(text: string, options?: ProgressOptions): Progress;
  /** Finds the deployment that the command works on, once. Rejects with a CommandProblem. */
  deployment(): Promise<Deployment>;
}

/** `document` is what --json prints. A `problem` sets the exit code 1 and is printed in one line on stderr. */
export interface CommandResult {
  document: Record<string, unknown>;
  problem?: { code: string; message: string } | undefined;
}

/** The work of one command, once its line was parseAnswer. */
export type CommandWork = (context: Context) => Promise<CommandResult>;
/** Runs the work with the options of `command` and those that every command has. */
export type RunCommand = (command: Command, work: CommandWork) => Promise<void>;

type Style = 'green' | 'red' | 'yellow' | 'bold' | 'dim';
type Paint = (style: Style, text: string) => string;

export const createPaint = ({ stdout, env }: Pick<CliIo, 'stdout' | 'env'>): Paint =>
  stdout.isTerminal && !env.NO_COLOR
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;

export const NO_PROGRESS: Progress = { update() {}, advance() {}, stop() {} };

/** Removes from a text what could control a terminal. Line ends and tabs stay. */
export const removeControlCharacters = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '');

/** Returns a text in one line, without control characters. */
export const oneLine = (text: string): string => removeControlCharacters(text).replace(/\s+/g, ' ').trim();

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
