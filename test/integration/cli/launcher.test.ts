import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { declareApp } from '../../support/secrets.ts';

const LAUNCHER = join(import.meta.dirname, '../../../infra/cli/frabit-im.js');
/** Makes this Node report an old version; the Node that is started instead reports its real one. */
const OLD = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.0.0'}})`;

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const run = (args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, args, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

let directory: string | undefined;
afterEach(async () => {
  if (directory) await rm(directory, { recursive: true });
  directory = undefined;
});

describe('frabit-im.js', () => {
  const status = ['status', '--local', 'http://127.0.0.1:1', '--json'];

  it.each([
    ['a new Node', []],
    ["an old Node, by the project's own", ['--import', OLD]],
  ])('runs under %s, with arguments, output and exit code', async (_what, options) => {
    const { code, stdout, stderr } = await run([...options, LAUNCHER, ...status]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'NO_LOCAL_STACK' } });
    expect(stderr).toMatch(/^The local stack .+\n$/);
  });

  it("says what to do under an old Node when the project's Node is missing", async () => {
    directory = await mkdtemp(join(tmpdir(), 'frabit-im-'));
    await mkdir(join(directory, 'infra/cli'), { recursive: true });
    await writeFile(join(directory, 'package.json'), '{"type": "module"}');
    const alone = join(directory, 'infra/cli/frabit-im.js');
    await copyFile(LAUNCHER, alone);
    const { code, stderr } = await run(['--import', OLD, alone, ...status]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Run npm ci first.*\n$/);
  });
});

describe('enable with a file of secrets', () => {
  const WARNING = 'Warning: other users can read the file of --secrets-from: run chmod 600 on it.\n';
  const enable = ['enable', '--local', 'http://127.0.0.1:1', '--app-id', 'cli_0123456789abcdef'];

  async function aSecretsFile(mode: number): Promise<string> {
    directory = await mkdtemp(join(tmpdir(), 'frabit-im-'));
    const file = join(directory, 'feishu.json');
    const app = { appSecret: 'a-secret-in-a-file', encryptKey: 'a-key-in-a-file' };
    declareApp(app);
    await writeFile(file, JSON.stringify({ ...app, verificationToken: 'token' }));
    await chmod(file, mode);
    return file;
  }

  it.each([
    ['600', ''],
    ['644', WARNING],
    ['640', WARNING],
    ['604', WARNING],
  ])('reads it, and warns if others can read it, too: mode %s', async (mode, warning) => {
    const { code, stderr } = await run([
      LAUNCHER,
      ...enable,
      '--secrets-from',
      await aSecretsFile(Number.parseInt(mode, 8)),
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(new RegExp(`^${warning}The local stack .+\\n$`));
  });
});
