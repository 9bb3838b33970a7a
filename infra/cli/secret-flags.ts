import { badInput } from './problem.ts';

const ENABLE = 'a JSON file or standard input (--secrets-from)';
const EXTERNAL = 'standard input (--signing-secret-stdin)';

/** Options for secrets, which earlier versions had: the variable to use instead, and the other way. */
const SECRET_FLAGS: ReadonlyMap<string, { variable: string; otherwise: string }> = new Map([
  ['--app-secret', { variable: 'FEISHU_APP_SECRET', otherwise: ENABLE }],
  ['--encrypt-key', { variable: 'FEISHU_ENCRYPT_KEY', otherwise: ENABLE }],
  ['--verification-token', { variable: 'FEISHU_VERIFICATION_TOKEN', otherwise: ENABLE }],
  ['--signing-secret', { variable: 'EXTERNAL_SIGNING_SECRET', otherwise: EXTERNAL }],
]);

/**
 * Throws a CommandProblem with exit code 2 if a command line has an option for a secret, before anything else is parsed:
 * the list of processes and the shell's history show every argument. The message never repeats the value.
 */
export function refuseSecrets(argv: readonly string[]): void {
  const options = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
  for (const option of options) {
    const [name = ''] = option.split('=');
    const flag = SECRET_FLAGS.get(name);
    if (!flag) continue;
    throw badInput(
      `${name} is not taken on the command line, which the list of processes and the shell's history show: use ${flag.otherwise} or the variable ${flag.variable}, or let it be asked for. If it was a real secret, rotate it.`,
    );
  }
}
