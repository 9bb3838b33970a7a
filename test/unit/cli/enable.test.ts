import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { Asker } from '../../../infra/cli/io.ts';
import { canceled } from '../../../infra/cli/problem.ts';
import {
  type Answer,
  APP_ID,
  aLocalStack,
  anAppEnvironment,
  aView,
  check,
  cli,
  type LocalFake,
  NOT_SET_UP,
  type Request,
} from './support.ts';

let stack: LocalFake | undefined;
afterEach(() => stack?.close());

/** `answers`: for one method, in order; the last one is used again. */
async function started(answers: Partial<Record<string, Answer[]>>): Promise<string> {
  stack = await aLocalStack(({ method }: Request) => {
    const left = answers[method] ?? [];
    return left.length > 1 ? left.shift() : left[0];
  });
  return stack.url;
}

const put = () => stack?.calls().find(({ method }) => method === 'PUT')?.body;
const ENABLED = { GET: [{ body: NOT_SET_UP }], PUT: [{ body: aView() }] };

describe('what is sent', () => {
  it('is read from the environment, for feishu, without hours', async () => {
    const url = await started(ENABLED);
    const run = await cli(['enable', '--local', url], { env: anAppEnvironment() });
    expect(run.exit).toBe(0);
    expect(put()).toEqual({
      appId: APP_ID,
      appSecret: 'hidden-app-secret-1',
      encryptKey: 'hidden-encrypt-key-2',
      verificationToken: 'hidden-token-value-3',
      domain: 'feishu',
    });
  });

  it('prefers an option to the file, and the file to the environment', async () => {
    const url = await started(ENABLED);
    const ofTheOption = 'cli_00000000000000aa';
    const file = { appId: 'cli_00000000000000bb', appSecret: 'of-the-file', encryptKey: 'of-the-file' };
    const { exit, err } = await cli(
      ['enable', '--local', url, '--app-id', ofTheOption, '--secrets-from', '-'],
      { env: anAppEnvironment(), readStdin: async () => JSON.stringify(file) },
    );
    expect([exit, err]).toEqual([0, '']);
    expect(put()).toMatchObject({
      appId: ofTheOption,
      appSecret: 'of-the-file',
      encryptKey: 'of-the-file',
      verificationToken: 'hidden-token-value-3',
    });
  });

  it.each([
    [
      'other users can read it',
      true,
      'Warning: other users can read the file of --secrets-from: run chmod 600 on it.\n',
    ],
    ['only its owner can read it', false, ''],
  ])('is read from a file, with the right warning if %s', async (_what, open, warning) => {
    const url = await started(ENABLED);
    const asked: string[] = [];
    const { exit, err } = await cli(['enable', '--local', url, '--secrets-from', 'keys.json'], {
      env: anAppEnvironment(),
      readFile: async () => JSON.stringify({ appSecret: 'of-the-file' }),
      isReadableByOthers: async (path) => {
        asked.push(path);
        return open;
      },
    });
    expect([exit, err, asked]).toEqual([0, warning, ['keys.json']]);
    expect(put()).toMatchObject({ appSecret: 'of-the-file' });
  });

  it('keeps platform and hours of the same app', async () => {
    const standing = aView({ domain: 'lark', reminderHours: 4, expiryHours: 48 });
    const url = await started({ ...ENABLED, GET: [{ body: standing }] });
    await cli(['enable', '--local', url, '--expiry-hours', 'off'], { env: anAppEnvironment() });
    expect(put()).toMatchObject({ domain: 'lark', reminderHours: 4 });
    expect(put()).not.toHaveProperty('expiryHours');
  });

  it('keeps the hours but not the platform when the app changes', async () => {
    const standing = aView({ appId: 'cli_fedcba9876543210', domain: 'lark', reminderHours: 4 });
    const url = await started({ ...ENABLED, GET: [{ body: standing }] });
    await cli(['enable', '--local', url, '--expiry-hours', '0.5'], { env: anAppEnvironment() });
    expect(put()).toMatchObject({ domain: 'feishu', expiryHours: 0.5, reminderHours: 4 });
  });

  it.each([
    [[], undefined, undefined],
    [[], 'refuse', 'refuse'],
    [['--cut-forms', 'refuse'], undefined, 'refuse'],
    [['--cut-forms', 'allow'], 'refuse', 'allow'],
  ])('is what becomes of cut forms: %j where %s stands', async (options, standing, sent) => {
    const view = aView({ appId: 'cli_fedcba9876543210', ...(standing && { cutForms: standing }) });
    const url = await started({ ...ENABLED, GET: [{ body: view }] });
    await cli(['enable', '--local', url, ...options], { env: anAppEnvironment() });
    expect(put()).toHaveProperty('appId', APP_ID);
    expect(z.looseObject({ cutForms: z.string().optional() }).parse(put()).cutForms).toBe(sent);
  });

  it.each([
    [[], undefined, undefined],
    [[], false, false],
    [['--withdrawal-comments', 'off'], undefined, false],
    [['--withdrawal-comments', 'on'], false, true],
  ])('sends the choice of withdrawal comments: %j where %s stands', async (options, standing, sent) => {
    const view = aView({
      appId: 'cli_fedcba9876543210',
      ...(standing !== undefined && { withdrawalComments: standing }),
    });
    const url = await started({ ...ENABLED, GET: [{ body: view }] });
    await cli(['enable', '--local', url, ...options], { env: anAppEnvironment() });
    expect(z.looseObject({ appId: z.literal(APP_ID) }).parse(put()).withdrawalComments).toBe(sent);
  });

  it('is asked for on a terminal, and again after an invalid answer', async () => {
    const url = await started(ENABLED);
    const secrets = ['', 'typed-secret', 'typed-key', 'typed-token'];
    const asked: string[] = [];
    const ask: Asker = {
      text: async (message, validate) => {
        asked.push(message);
        expect(validate('cli_short')).toMatch(/16 hexadecimal/);
        return ` ${APP_ID} `;
      },
      secret: async (message) => {
        asked.push(message);
        return secrets.shift() ?? '';
      },
      confirm: async () => true,
    };
    const { exit } = await cli(['enable', '--local', url], { ask });
    expect(exit).toBe(0);
    expect(asked.map((question) => question.replace(/ \(.*/, ''))).toEqual([
      'App ID',
      'App Secret',
      'App Secret',
      'Encrypt Key',
      'Verification Token',
    ]);
    expect(put()).toMatchObject({ appId: APP_ID, appSecret: 'typed-secret' });
  });

  it('is nothing after Ctrl-C at a question', async () => {
    const url = await started(ENABLED);
    const refuse = async () => Promise.reject(canceled());
    const run = await cli(['enable', '--local', url], {
      ask: { text: refuse, secret: refuse, confirm: refuse },
    });
    expect(run.exit).toBe(130);
    expect(stack?.calls()).toEqual([]);
  });
});

describe('--replace-definition', () => {
  const asking = (sure: boolean) => {
    const asked: string[] = [];
    const ask: Asker = {
      text: async () => '',
      secret: async () => '',
      confirm: async (question) => {
        asked.push(question);
        return sure;
      },
    };
    return { ask, asked };
  };
  const REPLACE = ['--approval-code', 'CODE', '--replace-definition'];
  const env = anAppEnvironment();

  it('asks once, names the definition and says that it cannot be undone', async () => {
    const url = await started(ENABLED);
    const { ask, asked } = asking(true);
    const { exit } = await cli(['enable', '--local', url, ...REPLACE], { env, ask });
    expect(exit).toBe(0);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(
      /CODE.*loses its approvers, name, description, viewers \(.*\), rules and managers.*cannot be undone/,
    );
    expect(put()).toMatchObject({ approvalCode: 'CODE', replaceDefinition: true });
  });

  it('does nothing when the answer is no', async () => {
    const url = await started(ENABLED);
    const { exit, err } = await cli(['enable', '--local', url, ...REPLACE], { env, ask: asking(false).ask });
    expect([exit, err]).toEqual([130, 'Stopped: nothing was changed.\n']);
    expect(stack?.calls()).toEqual([]);
  });

  it.each([
    ['without a terminal', []],
    ['with --json', ['--json']],
  ])('needs --yes %s', async (_, more) => {
    const url = await started(ENABLED);
    const { ask, asked } = asking(true);
    const io = more.length > 0 ? { env, ask } : { env };
    const run = await cli(['enable', '--local', url, ...REPLACE, ...more], io);
    expect([run.exit, run.err]).toEqual([
      2,
      'Without a terminal, or with --json, --replace-definition needs --yes: nothing was changed.\n',
    ]);
    expect(stack?.calls()).toEqual([]);
    expect((await cli(['enable', '--local', url, ...REPLACE, '--yes', ...more], io)).exit).toBe(0);
    expect(put()).toMatchObject({ replaceDefinition: true });
    expect(asked).toEqual([]);
  });

  it('is neither sent nor asked about if it is absent', async () => {
    const url = await started(ENABLED);
    const { ask, asked } = asking(true);
    await cli(['enable', '--local', url, '--approval-code', 'CODE', '--yes'], { env, ask });
    expect(put()).not.toHaveProperty('replaceDefinition');
    expect(asked).toEqual([]);
  });

  it('uses the definition of the variable', async () => {
    const url = await started(ENABLED);
    const variables = { ...env, FEISHU_APPROVAL_CODE: 'CODE' };
    await cli(['enable', '--local', url, '--replace-definition', '--yes'], { env: variables });
    expect(put()).toMatchObject({ approvalCode: 'CODE', replaceDefinition: true });
  });
});

describe('what is refused before anything is called', () => {
  it('names each value that is missing without a terminal', async () => {
    const run = await cli(['enable', '--local', '--app-id', APP_ID]);
    expect(run.exit).toBe(2);
    expect(run.err).toContain('App Secret (FEISHU_APP_SECRET)');
    expect(run.err).toContain('Encrypt Key (FEISHU_ENCRYPT_KEY)');
    expect(run.err).toContain('Verification Token (FEISHU_VERIFICATION_TOKEN)');
    expect(run.err).toContain('--secrets-from');
    expect(run.err).not.toContain('App ID');
  });

  it.each([
    ['a malformed app id', ['--app-id', 'cli_123'], /16 hexadecimal/],
    ['an unknown platform', ['--domain', 'slack'], /feishu or lark/],
    ['no hours at all', ['--reminder-hours', '0'], /0\.1 to 8760, or off/],
    ['too many hours', ['--expiry-hours', '8761'], /0\.1 to 8760, or off/],
    ['an unknown choice for cut forms', ['--cut-forms', 'maybe'], /--cut-forms must be allow or refuse/],
    ['an empty choice for cut forms', ['--cut-forms', ''], /--cut-forms must be allow or refuse/],
    ['an unknown choice', ['--withdrawal-comments', 'yes'], /--withdrawal-comments must be on or off/],
    ['nothing to replace', ['--replace-definition', '--yes'], /--replace-definition needs --approval-code/],
    [
      'only blanks to replace',
      ['--replace-definition', '--approval-code', ' '],
      /--replace-definition needs --approval-code/,
    ],
    ['a file that is not there', ['--secrets-from', 'gone.json'], /cannot be read/],
    ['a file that is no JSON', ['--secrets-from', '-'], /needs a JSON object/],
  ])('%s', async (_what, options, says) => {
    const run = await cli(['enable', '--local', 'http://127.0.0.1:1', ...options], {
      env: anAppEnvironment(),
      readStdin: async () => 'hidden-app-secret-1',
    });
    expect(run.exit).toBe(2);
    expect(run.err).toMatch(says);
    expect(run.err).not.toContain('hidden');
  });
});

describe('a file of secrets is refused before anything is called', () => {
  it.each([
    ['with an empty secret', { appSecret: ' ' }, /App Secret must not be empty/],
    ['with an empty encrypt key', { encryptKey: '' }, /Encryption Strategy/],
    ['with a secret that is too long', { appSecret: 'hidden'.repeat(100) }, /at most 512 characters/],
    ['with a number', { encryptKey: 7 }, /needs a JSON object of strings/],
  ])('%s', async (_what, file, says) => {
    const run = await cli(['enable', '--local', 'http://127.0.0.1:1', '--secrets-from', '-'], {
      env: anAppEnvironment(),
      readStdin: async () => JSON.stringify(file),
    });
    expect(run.exit).toBe(2);
    expect(run.err).toMatch(says);
    expect(run.err).not.toContain('hidden');
  });
});

describe('the output', () => {
  it('shows each check, what waits for Feishu, and the next steps', async () => {
    const url = await started(ENABLED);
    const { out, err } = await cli(['enable', '--local', url], { env: anAppEnvironment() });
    expect(err).toBe('');
    expect(out).toContain('✔ credentials  About credentials.');
    expect(out).toContain('· encryption   About encryption.\n    Enter the URL.');
    expect(out).toContain('https://hooks.example.com/feishu/events');
    expect(out).not.toContain('hidden');
  });

  it('is one document with --json', async () => {
    const url = await started(ENABLED);
    const run = await cli(['enable', '--local', url, '--json'], { env: anAppEnvironment() });
    expect(run.json()).toMatchObject({ enabled: true, appId: APP_ID });
  });

  it('says after a refusal that nothing was stored, and what to fix', async () => {
    const checks = [check('credentials', false, 'Copy it again.')];
    const url = await started({ ...ENABLED, PUT: [{ status: 422, body: { checks } }] });
    const run = await cli(['enable', '--local', url], { env: anAppEnvironment() });
    expect(run.exit).toBe(1);
    expect(run.out).toContain('✖ credentials  About credentials.\n    Copy it again.');
    expect(run.err).toBe('Nothing was stored. Fix this and try again: these checks failed: credentials\n');
  });

  it('names the definition that was created although the settings were not stored', async () => {
    const checks = [check('subscription', false, 'Add the scope.')];
    const url = await started({
      ...ENABLED,
      PUT: [{ status: 422, body: { checks, approvalCode: 'CODE' } }],
    });
    const run = await cli(['enable', '--local', url, '--json'], { env: anAppEnvironment() });
    expect(run.exit).toBe(1);
    expect(run.json()).toMatchObject({
      approvalCode: 'CODE',
      error: {
        message:
          'The settings stay as they were, but the approval definition CODE was created or overwritten in Feishu. Fix this and try again: these checks failed: subscription',
      },
    });
  });

  it('says what a definition lacks, and what to do', async () => {
    const detail = 'The approval definition does not fit: it lacks the widgets stage, reason.';
    const checks = [{ ...check('definition', false, 'Name another one.'), detail }];
    const url = await started({ ...ENABLED, PUT: [{ status: 422, body: { checks } }] });
    const run = await cli(['enable', '--local', url, '--approval-code', 'CODE'], { env: anAppEnvironment() });
    expect(run.exit).toBe(1);
    expect(run.out).toContain(`✖ definition  ${detail}\n    Name another one.`);
    expect(run.err).toContain('these checks failed: definition');
  });

  it('does not fail if only the scope for reminders is missing', async () => {
    const checks = [check('scope:im:message:send_as_bot', false, 'Add it.')];
    const url = await started({ ...ENABLED, PUT: [{ body: aView({ checks }) }] });
    const { exit, out } = await cli(['enable', '--local', url], { env: anAppEnvironment() });
    expect(exit).toBe(0);
    expect(out).toContain('· scope:im:message:send_as_bot');
  });

  it.each([
    [400, { code: 'BAD_REQUEST', message: 'The body is not right.' }, 2],
    [403, { message: 'Forbidden' }, 3],
    [503, { code: 'UNAVAILABLE', message: 'The keys could not be stored.' }, 3],
  ])('is one line for %i', async (status, body, exit) => {
    const url = await started({ ...ENABLED, PUT: [{ status, body }] });
    const run = await cli(['enable', '--local', url], { env: anAppEnvironment() });
    expect(run.exit).toBe(exit);
    expect(run.err).toMatch(/^.+\n$/);
  });
});

describe('when API Gateway times out', () => {
  const GAVE_UP = { status: 503, body: { message: 'Service Unavailable' } };

  it('waits until the settings show the app', async () => {
    const url = await started({
      GET: [{ body: NOT_SET_UP }, { body: NOT_SET_UP }, { body: aView() }],
      PUT: [GAVE_UP],
    });
    const { exit, out } = await cli(['enable', '--local', url], { env: anAppEnvironment() });
    expect(exit).toBe(0);
    expect(out).toContain('Approvals are switched on');
  });

  it('says that the result is unknown when nothing changes', async () => {
    const url = await started({ GET: [{ body: aView() }], PUT: [GAVE_UP] });
    const run = await cli(['enable', '--local', url, '--json'], { env: anAppEnvironment() });
    expect(run.exit).toBe(1);
    expect(run.json()).toMatchObject({ error: { code: 'NO_ANSWER' } });
    expect(stack?.calls().filter(({ method }) => method === 'GET')).toHaveLength(16);
  });
});
