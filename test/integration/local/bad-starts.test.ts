import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../../infra/local/start/config.ts';
import { checkBeforeStart, javaMajor, nodeProblem } from '../../../infra/local/start/preflight.ts';
import { freePort } from '../../support/free-port.ts';
import { aPlace, type Ended, startStackProcess } from '../../support/running-stack.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function startBadly(env: NodeJS.ProcessEnv): Promise<Ended> {
  const place = await aPlace();
  cleanups.push(place.remove);
  return startStackProcess({ ...place.env, ...env }).ended;
}

async function aBusyPort(host?: string): Promise<string> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen({ port: 0, ...(host && { host }) }, resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return String(typeof address === 'object' && address ? address.port : 0);
}

/** A directory to use as PATH, with a `java` that prints this text; without `java` if the text is undefined. */
async function aPathWithJava(says?: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'frabit-java-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  if (says !== undefined) {
    const java = join(directory, 'java');
    await writeFile(java, `#!/bin/sh\necho '${says}' >&2\n`);
    await chmod(java, 0o755);
  }
  return directory;
}

const FOUR_VALUES = {
  FEISHU_APP_ID: 'cli_1',
  FEISHU_APP_SECRET: 'a',
  FEISHU_ENCRYPT_KEY: 'b',
  FEISHU_VERIFICATION_TOKEN: 'c',
};

const oneLine = (line: string) => ({ code: 1, stdout: '', stderr: `${line}\n` });

describe('a stack that cannot start says in one line what to set and exits 1', () => {
  it.each([
    ['PORT', 'the HTTP front', '127.0.0.1'],
    ['PORT', 'the HTTP front', '0.0.0.0'],
    ['DYNAMODB_PORT', 'DynamoDB Local', undefined],
    ['DYNAMODB_PORT', 'DynamoDB Local', '0.0.0.0'],
    ['DYNAMODB_PORT', 'DynamoDB Local', '127.0.0.1'],
    ['FEISHU_SIMULATOR_PORT', 'the Feishu simulator', '127.0.0.1'],
    ['OA_SIMULATOR_PORT', 'the OA simulator', '127.0.0.1'],
  ])('when %s, for %s, is in use on %s', async (variable, what, host) => {
    const port = await aBusyPort(host);
    expect(await startBadly({ [variable]: port })).toMatchObject(
      oneLine(
        `Port ${port} for ${what} is in use: stop what listens there, or set ${variable} to a free port.`,
      ),
    );
  });

  it.each(['PORT', 'OA_SIMULATOR_PORT'])('when %s is not a number', async (variable) => {
    expect(await startBadly({ [variable]: 'http' })).toMatchObject(
      oneLine(`${variable} must be a port number from 1 to 65535.`),
    );
  });

  it.each(['9', 'many', '10.5', '-20', '1e3', '100000'])(
    'when FEISHU_CALLS_PER_MINUTE is %s',
    async (calls) => {
      expect(await startBadly({ FEISHU_CALLS_PER_MINUTE: calls })).toMatchObject(
        oneLine('FEISHU_CALLS_PER_MINUTE must be a whole number from 10 to 99999.'),
      );
    },
  );

  it('when two ports are the same', async () => {
    expect(await startBadly({ PORT: '3999', FEISHU_SIMULATOR_PORT: '3999' })).toMatchObject(
      oneLine('PORT and FEISHU_SIMULATOR_PORT are both 3999: set one of them to another port.'),
    );
  });

  it('without Java', async () => {
    expect(await startBadly({ PATH: await aPathWithJava(), JAVA_HOME: '' })).toMatchObject(
      oneLine('Java is missing: DynamoDB Local needs Java 17 or newer. Put one on PATH or set JAVA_HOME.'),
    );
  });

  it('with Java 11', async () => {
    const PATH = await aPathWithJava('openjdk version "11.0.2" 2019-01-15');
    expect(await startBadly({ PATH, JAVA_HOME: '' })).toMatchObject(
      oneLine(
        'Java 11 is too old: DynamoDB Local needs Java 17 or newer. Put one first on PATH or set JAVA_HOME.',
      ),
    );
  });

  it.each(Object.keys(FOUR_VALUES))('with FEISHU_BASE_URL but without %s', async (name) => {
    const FEISHU_BASE_URL = 'http://127.0.0.1:9';
    expect(await startBadly({ ...FOUR_VALUES, FEISHU_BASE_URL, [name]: '' })).toMatchObject(
      oneLine(
        `Set ${name}: with FEISHU_BASE_URL the stack needs all four of FEISHU_APP_ID, FEISHU_APP_SECRET, FEISHU_ENCRYPT_KEY, FEISHU_VERIFICATION_TOKEN.`,
      ),
    );
  });

  it('when FEISHU_BASE_URL has a path', async () => {
    const FEISHU_BASE_URL = 'https://open.feishu.cn/open-apis';
    expect(await startBadly({ ...FOUR_VALUES, FEISHU_BASE_URL })).toMatchObject(
      oneLine(
        'FEISHU_BASE_URL must be an http or https origin without a path, such as https://open.feishu.cn.',
      ),
    );
  });

  it('when Feishu is out of reach', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const FEISHU_BASE_URL = `http://127.0.0.1:${port}`;
    expect(await startBadly({ ...FOUR_VALUES, FEISHU_BASE_URL })).toMatchObject(
      oneLine(`Feishu is out of reach at ${FEISHU_BASE_URL}: check the network, or set FEISHU_BASE_URL.`),
    );
  });
});

describe('a port that is checked before the start', () => {
  const look = async (port: string) =>
    checkBeforeStart(readConfig({ PORT: port, DYNAMODB_PORT: '0', FEISHU_SIMULATOR_PORT: '0' }), process.env);

  // Only Linux has all of 127/8 by default.
  it.runIf(process.platform === 'linux')('may be in use on another interface', async () => {
    const port = await aBusyPort('127.0.0.2');
    await expect(look(port)).resolves.toBeUndefined();
  });

  it('is left free', async () => {
    const port = await freePort();
    await look(String(port));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('versions', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_292"', 8],
    ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21" 2023-09-19', 21],
    ['The operation couldn’t be completed. Unable to locate a Java Runtime.', undefined],
  ])('reads %j as Java %s', (output, major) => {
    expect(javaMajor(output)).toBe(major);
  });

  it('refuses a Node older than 24 and says how to get the right one', () => {
    expect(nodeProblem('22.19.0')).toBe(
      'Node 24 is required, this is 22.19.0: run "npm ci", then start with "npm start", which uses its own Node.',
    );
    expect(nodeProblem('24.0.0')).toBeUndefined();
  });
});
