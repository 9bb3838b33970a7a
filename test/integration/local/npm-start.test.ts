import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { aPlace } from '../../support/running-stack.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function npmStart() {
  const place = await aPlace();
  cleanups.push(place.remove);
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(FEISHU_|OA_|AWS_|SEED$|VITEST|npm_)/.test(name)),
  );
  // A process group of its own: a terminal sends Ctrl-C to the group.
  const npm = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { ...inherited, ...place.env, SEED: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const group = -(npm.pid ?? 0);
  const ended = once(npm, 'close').then(() => ({ code: npm.exitCode, signal: npm.signalCode }));
  cleanups.push(async () => {
    if (npm.exitCode !== null || npm.signalCode !== null) return;
    process.kill(group, 'SIGKILL');
    await ended;
  });
  let output = '';
  npm.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  await vi.waitFor(() => expect(output).toContain('Ready after'), { timeout: 30_000 });
  return { npm, group, ended, database: /DynamoDB Local +(\S+)/.exec(output)?.[1] ?? '' };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

// docs/contract.md 7: "Ctrl-C or SIGTERM: exit 0 within 5 seconds, no child left". The user sees the exit code of npm,
// and npm ends by the signal if there is a shell between npm and the stack.
describe('npm start', () => {
  it('ends with 0 and without a child when only npm gets a signal', async () => {
    const { npm, ended, database } = await npmStart();
    expect(await answers(database)).toBe(true);
    npm.kill('SIGTERM');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(await answers(database)).toBe(false);
  });

  it('ends with 0 and without a child on Ctrl-C', async () => {
    const { group, ended, database } = await npmStart();
    expect(await answers(database)).toBe(true);
    process.kill(group, 'SIGINT');
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(await answers(database)).toBe(false);
  });
});
