import { Command, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addDeadLetters } from './commands/dead-letters-options.ts';
import { addExternal } from './commands/external-options.ts';
import { addLogs, addResync, addShow } from './commands/issues-options.ts';
import { addCheck, addDisable, addEnable, addStatus } from './commands/settings-options.ts';
import type { CommandWork, GlobalOptions } from './context.ts';
import type { CliIo } from './io.ts';
import { badInput } from './problem.ts';

const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    the command ran, but something is wrong: a check failed, a test approval was not
       approved in time, some dead letters could not be redriven
  2    bad input; nothing was done
  3    out of reach: no AWS credentials, Region, stack or network, or the local stack
       does not run
  130  Ctrl-C: at a question nothing was done; later, the work that was started may be done`;

const LOCAL = '--local';

/**
 * Adds the default URL to a `--local` without one: otherwise commander takes the name of a command, or the id of an
 * issue, as the URL.
 */
export function withLocalUrl(argv: readonly string[], env: CliIo['env']): string[] {
  const end = argv.indexOf('--') < 0 ? argv.length : argv.indexOf('--');
  const usual = `http://127.0.0.1:${env.PORT || '3000'}`;
  return argv.map((arg, index) => {
    // An address without a scheme counts as a URL, too: then the error message says what is wrong with it.
    const own = index + 1 < end && /^(https?:\/\/|[\w.-]+:\d+(\/|$))/.test(argv[index + 1] ?? '');
    return arg === LOCAL && index < end && !own ? `${LOCAL}=${usual}` : arg;
  });
}

/** Defines the commands with their options. The code of a command is loaded only when it is called. */
export function createProgram(
  io: CliIo,
  run: (options: GlobalOptions, work: CommandWork) => Promise<void>,
): Command {
  const program = new Command('frabit-im')
    .description('Sets up and operates the Feishu (Lark) approvals of Frabit.')
    .version(packageJson.version, '--version', 'prints the version and exits')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // runCli prints every failure, in one line.
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => 100,
    })
    .configureHelp({ showGlobalOptions: true })
    .option('--json', 'prints one JSON document on stdout and nothing else there', false)
    .option('--stack <name>', 'the CloudFormation stack', 'FrabitImApproval')
    .option('--region <region>', 'the Region of the stack; default: the configured one')
    .option('--profile <profile>', 'the AWS profile; default: the configured one')
    .addOption(
      new Option(
        '--local [url]',
        'the stack of npm start instead of one on AWS (default: http://127.0.0.1:3000)',
      ),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ frabit-im enable
  $ frabit-im check --email you@example.com
  $ frabit-im status --local --json

${EXIT_CODES_HELP}`,
    );

  const runWithGlobals = (command: Command, work: CommandWork) => run(globalsOf(command), work);
  addEnable(program, runWithGlobals);
  addStatus(program, runWithGlobals);
  addCheck(program, runWithGlobals);
  addDisable(program, runWithGlobals);
  addExternal(program, runWithGlobals);
  addResync(program, runWithGlobals);
  addDeadLetters(program, runWithGlobals);
  addShow(program, runWithGlobals);
  addLogs(program, runWithGlobals);
  return program;
}

const isRegion = (name: string): boolean => /^[a-z]{2,}(-[a-z0-9]+)+$/.test(name);

function globalsOf(command: Command): GlobalOptions {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { json, stack, region, profile, local } = options;
  if (local !== undefined && !(URL.canParse(local) && /^https?:\/\//.test(local))) {
    throw badInput('--local takes an http or https URL, such as http://127.0.0.1:3000.');
  }
  if (local !== undefined && (region ?? profile) !== undefined) {
    throw badInput('--local cannot be combined with --region or --profile: a local stack has neither.');
  }
  for (const [name, value] of Object.entries({ stack, region, profile })) {
    if (value === '') throw badInput(`--${name} must not be empty.`);
  }
  if (region !== undefined && !isRegion(region)) {
    throw badInput('--region must be the name of an AWS Region, such as eu-west-1.');
  }
  return { json, stack, region, profile, local };
}
