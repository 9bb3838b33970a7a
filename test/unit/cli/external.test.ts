import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../infra/cli/io.ts';
import { canceled } from '../../../infra/cli/problem.ts';
import { aSigningSecret } from '../../support/secrets.ts';
import { type Answer, aLocalStack, cli, type LocalFake } from './support.ts';

let stack: LocalFake | undefined;
afterEach(() => stack?.close());

/** `answers`: by request, such as `GET /finance-oa`; other requests get the answer for an unknown node. */
async function started(answers: Record<string, Answer>): Promise<string> {
  stack = await aLocalStack(
    ({ method, path }) =>
      answers[`${method} ${path.replace('/settings/external-approvals', '')}`] ?? {
        status: 404,
        body: { code: 'NOT_FOUND', message: 'There is no such external node.' },
      },
  );
  return stack.url;
}

const put = () => stack?.calls().find(({ method }) => method === 'PUT')?.body;

const aNode = (changes: object = {}) => ({
  nodeId: 'finance-oa',
  title: 'Finance',
  endpoint: 'https://oa.example.com/frabit',
  eventsPath: '/external-approvals/finance-oa/events',
  ...changes,
});
const SAVED = { 'PUT /finance-oa': { body: aNode() } };
const STANDING = { 'GET /finance-oa': { body: aNode({ live: 2 }) } };
const NEW = ['--title', 'Finance', '--endpoint', 'https://oa.example.com/frabit'];

const run = (url: string, ...argv: string[]) => cli(['external', ...argv, '--local', url]);

/** Answers the questions in order, from `secrets` and `texts`. */
const answering = (texts: string[], secrets: string[], asked: string[] = []): Asker => ({
  async text(message, validate) {
    asked.push(message);
    const answer = texts.shift() ?? '';
    expect(validate(answer)).toBeUndefined();
    return answer;
  },
  async secret(message) {
    asked.push(message);
    return secrets.shift() ?? '';
  },
  confirm: async () => true,
});

describe('external list', () => {
  it('shows each node with its open approvals', async () => {
    const nodes = [aNode({ live: 1 }), aNode({ nodeId: 'legal', title: 'Le\u001bgal', live: 0 })];
    const { exit, out } = await run(await started({ 'GET ': { body: { nodes } } }), 'list');
    expect(exit).toBe(0);
    expect(out).toBe(
      'finance-oa  Finance  https://oa.example.com/frabit  1 open approval\n' +
        'legal       Legal  https://oa.example.com/frabit  0 open approvals\n',
    );
  });

  it('says how to create a node when there is none', async () => {
    const { exit, out } = await run(await started({ 'GET ': { body: { nodes: [] } } }), 'list');
    expect(exit).toBe(0);
    expect(out).toContain('frabit-im external set');
  });

  it('says to deploy when the stack has no such route', async () => {
    const url = await started({ 'GET ': { status: 404, body: { message: 'Not Found' } } });
    const { exit, err } = await run(url, 'list');
    expect(exit).toBe(3);
    expect(err).toContain('deploy the current version');
  });
});

describe('external show', () => {
  it('shows the full URL for the events', async () => {
    const url = await started(STANDING);
    const { exit, out } = await run(url, 'show', 'finance-oa');
    expect(exit).toBe(0);
    expect(out).toContain(`${url}/external-approvals/finance-oa/events`);
    expect(out).toContain('2 open approvals');
  });

  it('is one document with --json', async () => {
    const url = await started(STANDING);
    expect((await run(url, 'show', 'finance-oa', '--json')).json()).toEqual({
      ...aNode({ live: 2 }),
      eventsUrl: `${url}/external-approvals/finance-oa/events`,
    });
  });
});

describe.each([
  ['show', []],
  ['remove', ['--yes']],
])('external %s', (command, more) => {
  it('ends with 1 and one line for an unknown node', async () => {
    const { exit, out, err } = await run(await started({}), command, 'nobody', ...more);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect(err).toMatch(/^There is no external node nobody at .+\n$/);
  });
});

describe('external set, of a new node', () => {
  it('shows a generated secret once, and says where it goes', async () => {
    const signingSecret = `whsec_${randomBytes(32).toString('base64')}`;
    const url = await started({ 'PUT /finance-oa': { body: aNode({ signingSecret }) } });
    const { exit, out, err } = await run(url, 'set', 'finance-oa', ...NEW);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(put()).toEqual({ title: 'Finance', endpoint: 'https://oa.example.com/frabit' });
    expect(out.split(signingSecret)).toHaveLength(2);
    expect(out).toContain('never again');
    expect(out).toContain('Enter it in the OA');
    expect(out).toContain(`${url}/external-approvals/finance-oa/events`);
    expect(out).not.toContain('stays valid');
  });

  it('prints one document with --json, including the generated secret', async () => {
    const signingSecret = `whsec_${randomBytes(32).toString('base64')}`;
    const url = await started({ 'PUT /finance-oa': { body: aNode({ signingSecret }) } });
    const result = await run(url, 'set', 'finance-oa', ...NEW, '--json');
    expect(result.json()).toEqual({
      ...aNode({ signingSecret }),
      eventsUrl: `${url}/external-approvals/finance-oa/events`,
    });
  });

  it.each([
    ['a variable', [], true],
    ['stdin', ['--signing-secret-stdin'], false],
  ])('takes a secret from %s, and never shows it', async (_where, flags, byVariable) => {
    const secret = aSigningSecret();
    const url = await started(SAVED);
    const { exit, out, err } = await cli(
      ['external', 'set', 'finance-oa', ...NEW, ...flags, '--local', url],
      {
        env: byVariable ? { EXTERNAL_SIGNING_SECRET: secret } : {},
        readStdin: async () => `${secret}\n`,
      },
    );
    expect(exit).toBe(0);
    expect(put()).toMatchObject({ signingSecret: secret });
    expect((out + err).includes(secret)).toBe(false);
  });

  it('asks on a terminal for missing values, and again after an invalid secret', async () => {
    const secret = aSigningSecret();
    const url = await started(SAVED);
    const asked: string[] = [];
    const ask = answering(
      ['Finance', ' https://oa.example.com/frabit'],
      ['not base64', secret, 'unasked'],
      asked,
    );
    const { exit, out } = await cli(['external', 'set', 'finance-oa', '--local', url], { ask });
    expect(exit).toBe(0);
    expect(put()).toEqual({
      title: 'Finance',
      endpoint: 'https://oa.example.com/frabit',
      signingSecret: secret,
    });
    expect(asked.map((question) => question.split(/[ :]/)[0])).toEqual([
      'Title',
      'Endpoint',
      'Signing',
      'Signing',
    ]);
    expect(out.includes(secret)).toBe(false);
  });

  it('lets the API generate a secret when the answer is empty', async () => {
    const url = await started(SAVED);
    await cli(['external', 'set', 'finance-oa', ...NEW, '--local', url], { ask: answering([], ['']) });
    expect(put()).not.toHaveProperty('signingSecret');
  });

  it('names what is missing without a terminal', async () => {
    const { exit, err } = await run(await started({}), 'set', 'finance-oa');
    expect(exit).toBe(2);
    expect(err).toContain('--title and --endpoint');
    expect(put()).toBeUndefined();
  });

  it('is nothing after Ctrl-C at a question', async () => {
    const url = await started(SAVED);
    const refuse = async () => Promise.reject(canceled());
    const { exit } = await cli(['external', 'set', 'finance-oa', '--local', url], {
      ask: { text: refuse, secret: refuse, confirm: refuse },
    });
    expect(exit).toBe(130);
    expect(put()).toBeUndefined();
  });
});

describe('external set, of an existing node', () => {
  it('keeps values that are left out, also the secret, and says so', async () => {
    const url = await started({ ...STANDING, ...SAVED });
    const { exit, out } = await run(url, 'set', 'finance-oa', '--title', 'Finance desk');
    expect(exit).toBe(0);
    expect(put()).toEqual({ title: 'Finance desk', endpoint: 'https://oa.example.com/frabit' });
    expect(out).toContain('The signing secret stays as it was');
  });

  it('rotates: shows the new secret and says that the old one stays valid for a day', async () => {
    const signingSecret = `whsec_${randomBytes(32).toString('base64')}`;
    const url = await started({ ...STANDING, 'PUT /finance-oa': { body: aNode({ signingSecret }) } });
    const { exit, out } = await cli(['external', 'set', 'finance-oa', '--rotate', '--local', url], {
      ask: answering([], []),
    });
    expect(exit).toBe(0);
    expect(put()).toEqual({
      title: 'Finance',
      endpoint: 'https://oa.example.com/frabit',
      rotate: true,
    });
    expect(out.includes(signingSecret)).toBe(true);
    expect(out).toContain('The one before stays valid for 24 hours');
  });
});

describe('what external set refuses before anything is called', () => {
  it.each([
    ['a node id with a slash', ['set', 'a/b', ...NEW], {}, /1 to 64 letters/],
    ['an empty title', ['set', 'finance-oa', '--title', ' '], {}, /title must have 1 to 200/],
    ['an endpoint that is not a URL', ['set', 'finance-oa', '--endpoint', 'oa.example.com'], {}, /https URL/],
    [
      'an invalid secret',
      ['set', 'finance-oa', ...NEW],
      { EXTERNAL_SIGNING_SECRET: 'hidden-and-no-base64' },
      /24 to 64 bytes in base64/,
    ],
    ['an empty stdin', ['set', 'finance-oa', ...NEW, '--signing-secret-stdin'], {}, /24 to 64 bytes/],
    [
      'a secret and --rotate',
      ['set', 'finance-oa', '--rotate'],
      { EXTERNAL_SIGNING_SECRET: 'hidden-and-no-base64' },
      /leave out --signing-secret-stdin and EXTERNAL_SIGNING_SECRET/,
    ],
    ['a removal without confirmation', ['remove', 'finance-oa'], {}, /needs --yes/],
  ])('%s', async (_what, argv, env, says) => {
    const result = await cli(['external', ...argv, '--local', 'http://127.0.0.1:1'], { env });
    expect(result.exit).toBe(2);
    expect(result.err).toMatch(says);
    expect(result.err).toMatch(/^[^\n]+\n$/);
    expect(result.err).not.toContain('hidden');
  });
});

describe('what the settings API refuses', () => {
  it.each([
    [400, { code: 'BAD_REQUEST', message: 'endpoint: must be an https URL.' }, 2, 'endpoint: must be'],
    [
      422,
      { code: 'ENDPOINT_REFUSED', message: "The endpoint's host is at a private address." },
      2,
      'private',
    ],
    [403, { message: 'Forbidden' }, 3, 'execute-api:Invoke'],
    [503, { code: 'UNAVAILABLE', message: 'The secret could not be stored.' }, 3, 'Try again'],
  ])('is one line for %i', async (status, body, exit, says) => {
    const url = await started({ 'PUT /finance-oa': { status, body } });
    const result = await run(url, 'set', 'finance-oa', ...NEW, '--json');
    expect(result.exit).toBe(exit);
    expect(result.err.toLowerCase()).toContain(says.toLowerCase());
    expect(result.err).toMatch(/^[^\n]+\n$/);
    expect(result.json()).toHaveProperty('error');
  });
});

describe('external remove', () => {
  it('removes it', async () => {
    const url = await started({ 'DELETE /finance-oa': { body: { nodeId: 'finance-oa' } } });
    const { exit, out } = await run(url, 'remove', 'finance-oa', '--yes');
    expect(exit).toBe(0);
    expect(out).toBe('The external node finance-oa is removed, and its signing secret with it.\n');
  });

  it('ends with 1 when an approval uses it', async () => {
    const body = { code: 'NODE_IN_USE', message: 'Live approvals use this external node (2).', live: 2 };
    const url = await started({ 'DELETE /finance-oa': { status: 409, body } });
    const result = await run(url, 'remove', 'finance-oa', '--yes', '--json');
    expect(result.exit).toBe(1);
    expect(result.json()).toMatchObject({ nodeId: 'finance-oa', live: 2, error: { code: 'NODE_IN_USE' } });
  });

  it.each([
    [true, 0, 1],
    [false, 130, 0],
  ])('asks on a terminal: %s', async (sure, exit, calls) => {
    const url = await started({ 'DELETE /finance-oa': { body: { nodeId: 'finance-oa' } } });
    const ask = { ...answering([], []), confirm: async () => sure };
    const result = await cli(['external', 'remove', 'finance-oa', '--local', url], { ask });
    expect(result.exit).toBe(exit);
    expect(stack?.calls()).toHaveLength(calls);
  });
});
