#!/usr/bin/env node
/**
 * Starts the command line under a Node that runs TypeScript as it is. Plain old JavaScript, so that any Node can
 * read it: an older one starts the project's own in its place.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);

if (runsTypeScript) {
  // A failure is one line on stderr: what Node itself would warn of is none of the person's business.
  process.removeAllListeners('warning');
  import('./main.ts');
} else {
  startOwnNode(fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url)));
}

function startOwnNode(node) {
  if (!existsSync(node)) {
    process.stderr.write(
      'Run npm ci first: this Node is too old, and the one of the project is not there.\n',
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well; sent twice it would do no harm, dying before it would.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', () => {
    process.stderr.write('Run npm ci first: the Node of the project could not be started.\n');
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code === null ? 1 : code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
