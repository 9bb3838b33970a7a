import { nodeProblem } from './preflight.ts';

const STOP_WITHIN_MS = 4_000;
const ORPHAN_CHECK_MS = 250;

/** `npm start`: starts the stack, prints its story, and ends everything however it is stopped. */
async function main(): Promise<void> {
  const oldNode = nodeProblem(process.versions.node);
  if (oldNode) leave(oldNode);

  // An old Node cannot read these modules: load them only after the check.
  const { createCleanup } = await import('../cleanup.ts');
  const { readConfig } = await import('./config.ts');
  const { checkBeforeStart } = await import('./preflight.ts');
  const { divertOutput } = await import('./divert-output.ts');
  const { startStack, logFile } = await import('./stack.ts');
  const { welcome, printStory } = await import('./welcome.ts');

  const cleanup = createCleanup();
  const kills: (() => void)[] = [];
  const killAll = () => kills.forEach((kill) => void kill());
  process.on('exit', killAll);

  let complain = (text: string): void => void process.stderr.write(text);
  let stopping = false;
  const stopAndExit = (code: number) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(code), STOP_WITHIN_MS).unref();
    cleanup.runAll().then(() => process.exit(code));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopAndExit(0));
  if (process.env.npm_lifecycle_event) {
    // npm passes a signal only to the shell between npm and this process. Stop when that shell is gone.
    const { ppid } = process;
    setInterval(() => process.ppid === ppid || stopAndExit(0), ORPHAN_CHECK_MS).unref();
  }
  const fail = (error: unknown) => {
    if (stopping) return;
    complain(`${lineOf(error)}\n`);
    stopAndExit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  const startedAt = Date.now();
  try {
    const config = readConfig(process.env);
    await checkBeforeStart(config, process.env);
    const terminal = divertOutput(logFile(config));
    const { print } = terminal;
    complain = terminal.complain;
    const stack = await startStack(config, process.env, cleanup, (kill) => void kills.push(kill));
    stack.databaseEnded.then(() => fail(new Error('DynamoDB Local has ended: start the stack again.')));
    print(welcome(stack, logFile(config), Date.now() - startedAt));
    printStory(stack.story, print);
    if (config.seed) await stack.seed();
  } catch (error) {
    fail(error);
  }
}

function leave(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

const lineOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n')[0] || error.name : 'Something failed.';

await main();
