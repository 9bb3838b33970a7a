import type { GlobalOptions } from './context.ts';
import { findDeployedStack } from './deployed-stack.ts';
import type { Deployment } from './deployment.ts';
import type { CliIo } from './io.ts';
import { findLocalStack } from './local-stack.ts';

/** Finds the deployment, or rejects with a CommandProblem that says what is missing. */
export const findDeployment = (options: GlobalOptions, io: CliIo): Promise<Deployment> =>
  options.local === undefined ? findDeployedStack(options, io) : findLocalStack(options.local, io);
