#!/usr/bin/env node
/**
 * Starts the command line with a Node that runs TypeScript. This file is plain JavaScript, so that an old Node can read
 * it and start the Node of this project instead.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);

if (runsTypeScript) {
  // A failure is one line on stderr: no warnings of Node itself.
  process.removeAllListeners('warning');
  import('./main.ts');
} else {
  startOwnNode(fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url)));
}

function startOwnNode(node) {
  if (!existsSync(node)) {
    process.stderr.write(
      'Run npm ci first: this Node is too old, and the Node of the project is not installed.\n',
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child, too. Sending it twice is harmless, but this process must not end first.
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
