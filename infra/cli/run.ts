import { CommanderError } from 'commander';
import type { CommandProblem } from '../command-problem.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type CommandResult, type Context, createPaint, NO_PROGRESS, oneLine } from './context.ts';
import type { Deployment } from './deployment.ts';
import type { CliIo } from './io.ts';
import { badInput } from './problem.ts';
import { createProgram, withLocalUrl } from './program.ts';
import { refuseSecrets } from './secret-flags.ts';

/**
 * Runs a command line (without the names of Node and script) and returns the exit code. Never rejects: a failure prints
 * one line on stderr, and with --json also `{"error": {"code", "message"}}` on stdout.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  const json = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined).includes('--json');
  let deployment: Deployment | undefined;
  let exit: ExitCode = EXIT.done;
  const finish = ({ document, problem }: CommandResult) => {
    if (json)
      printJson(problem ? { ...document, error: { ...problem, message: line(problem.message) } } : document);
    if (problem) printError(problem.message);
    exit = problem ? EXIT.failed : EXIT.done;
  };
  const printJson = (document: unknown) => io.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  const printError = (message: string) => io.stderr.write(`${line(message)}\n`);

  const program = createProgram(io, async (options, work) => {
    const context: Context = {
      io,
      options,
      print: (line = '') => void (json || io.stdout.write(`${line}\n`)),
      paint: createPaint(io),
      ask: json ? undefined : io.ask,
      progress: (text, options = {}) => io.showProgress?.(text, options) ?? NO_PROGRESS,
      async deployment() {
        const { findDeployment } = await import('./find-deployment.ts');
        deployment ??= await findDeployment(options, io);
        return deployment;
      },
    };
    finish(await work(context));
  });

  try {
    refuseSecrets(argv);
    const args = withLocalUrl(argv, io.env);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const { toProblem } = await import('./error-to-problem.ts');
    const problem: CommandProblem =
      error instanceof CommanderError ? usageProblem(error) : toProblem(error, deployment);
    if (json) printJson({ error: { code: problem.code, message: line(problem.message) } });
    printError(problem.message);
    return problem.exit;
  } finally {
    deployment?.close();
  }
}

/** Explains a usage error. Never repeats arguments: they may contain a secret. */
function usageProblem(error: CommanderError): CommandProblem {
  const help = 'See frabit-im --help.';
  switch (error.code) {
    case 'commander.excessArguments':
      return badInput(`Too many arguments for this command. ${help}`);
    case 'commander.unknownOption':
      return badInput(`${unknownOption(error.message)} ${help}`);
    case 'commander.unknownCommand':
      return badInput(`There is no such command. ${help}`);
    case 'commander.help':
      return badInput(`Which command? ${help}`);
    default:
      return badInput(`${sentence(error.message)} ${help}`);
  }
}

/** Names the option only if it looks like a misspelt one: `--app-secretVALUE` is one word, too. */
function unknownOption(message: string): string {
  const name = /'(--[a-z]+(?:-[a-z]+)*)(?:=[^']*)?'/.exec(message)?.[1];
  return name !== undefined && name.length <= 24 ? `Unknown option ${name}.` : 'There is no such option.';
}

function sentence(message: string): string {
  const text = line(message.replace(/^error: /, ''));
  return /[.?!)]$/.test(text) ? text : `${text}.`;
}

/** Returns a message in one line that starts with a capital letter. */
function line(message: string): string {
  const text = oneLine(message);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
