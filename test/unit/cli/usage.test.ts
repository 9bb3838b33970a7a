import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { cli } from './support.ts';

describe('bad input', () => {
  it.each([
    ['an unknown command', ['enabel']],
    ['no command', ['--json']],
    ['half a command', ['dead-letters']],
    ['half of external', ['external']],
    ['no node', ['external', 'show']],
    ['a stage and a step', ['show', 'issue-1', '--stage', 'a', '--step', 'b', '--local']],
    ['an unknown option', ['status', '--loud']],
    ['too many arguments', ['disable', 'now']],
    ['no issue', ['show']],
    ['no issue for its logs', ['logs']],
    ['a span without a unit', ['logs', 'issue-1', '--since', '24', '--local']],
    ['no time at all', ['logs', 'issue-1', '--since', '0h', '--local']],
    ['an empty correlation id', ['logs', 'issue-1', '--correlation', '', '--local']],
    ['the logs of an empty id', ['logs', '', '--local']],
    ['a round that is not a number', ['show', 'issue-1', '--round', 'two', '--local']],
    ['a wait that is not a number', ['check', '--wait', 'long']],
    ['an invalid address', ['check', '--email', 'nobody']],
    ['a local stack without http', ['status', '--local=stack']],
    ['a local stack without a scheme', ['show', 'issue-1', '--local', 'localhost:3000']],
    ['an empty id', ['show', '', '--local']],
    ['an id that no issue has', ['show', 'x'.repeat(129), '--local']],
    ['an invalid Region', ['status', '--region', 'eu_west']],
    ['a redrive without confirmation', ['dead-letters', 'redrive', '--local']],
    ['a Region for a local stack', ['status', '--local', '--region', 'eu-west-1']],
    ['a disable without confirmation', ['disable', '--local']],
  ])('%s ends with 2 and one line that says what to do', async (_what, argv) => {
    const run = await cli(argv);
    expect(run.exit).toBe(2);
    expect(run.err).toMatch(/^[A-Z-].+\n$/);
  });

  it('prints a document with --json', async () => {
    const run = await cli(['enabel', '--json']);
    expect(run.json()).toEqual({
      error: { code: 'BAD_INPUT', message: 'There is no such command. See frabit-im --help.' },
    });
    expect(run.err).toBe('There is no such command. See frabit-im --help.\n');
  });

  it.each([
    ['behind a misspelt option', ['enable', '--app-secrt=hush-hush']],
    ['without a space behind an option', ['enable', '--app-secretHush-hush']],
    ['as an option of one letter', ['enable', '-xhush-hush']],
    ['as an argument of its own', ['enable', 'hush-hush']],
    ['in place of a command', ['hush-hush']],
  ])('never repeats a secret that somebody typed %s', async (_where, argv) => {
    const { exit, out, err } = await cli(argv);
    expect(exit).toBe(2);
    expect((out + err).toLowerCase()).not.toContain('hush');
  });
});

describe('--version', () => {
  it('prints the version of package.json and ends with 0', async () => {
    const { exit, out, err } = await cli(['--version']);
    expect([exit, out, err]).toEqual([0, `${packageJson.version}\n`, '']);
  });
});

describe('a secret on the command line', () => {
  const ENABLE_WAYS = ['--secrets-from', 'let it be asked for'];
  const FLAGS = [
    ['enable', '--app-secret', ['FEISHU_APP_SECRET', ...ENABLE_WAYS]],
    ['enable', '--encrypt-key', ['FEISHU_ENCRYPT_KEY', ...ENABLE_WAYS]],
    ['enable', '--verification-token', ['FEISHU_VERIFICATION_TOKEN', ...ENABLE_WAYS]],
    [
      'external set finance-oa',
      '--signing-secret',
      ['EXTERNAL_SIGNING_SECRET', '--signing-secret-stdin', 'let it be asked for'],
    ],
  ] as const;

  it.each(FLAGS)(
    '%s %s is refused, with where to put it and without the value',
    async (command, flag, ways) => {
      for (const written of [
        [flag, 'hush-hush'],
        [`${flag}=hush-hush`],
        [flag, '-hush'],
        [flag, ''],
        [flag],
      ]) {
        const run = await cli([...command.split(' '), ...written, '--local', 'http://127.0.0.1:1']);
        expect([run.exit, run.out], written.join(' ')).toEqual([2, '']);
        expect(run.err).toMatch(new RegExp(`^${flag} is not taken on the command line.+\\n$`));
        for (const way of ways) expect(run.err).toContain(way);
        expect(run.err).not.toContain('hush');
      }
    },
  );

  it('is refused before a file is read or anybody is asked', async () => {
    const never = async () => Promise.reject(new Error('came too far'));
    const run = await cli(['enable', '--secrets-from', 'keys.json', '--app-secret', 'hush-hush', '--json'], {
      readFile: never,
      ask: { text: never, secret: never, confirm: never },
    });
    expect(run.json()).toMatchObject({
      error: { code: 'BAD_INPUT', message: expect.stringMatching(/^--app-secret is not taken/) },
    });
  });

  it.each(['enable', 'external set'])('is not an option in the help of %s', async (command) => {
    const { out } = await cli([...command.split(' '), '--help']);
    expect(out).not.toMatch(/--(app-secret|encrypt-key|verification-token|signing-secret)\b(?!-stdin)/);
  });

  it('is an argument behind --', async () => {
    const { err } = await cli(['show', '--local', 'http://127.0.0.1:1', '--', '--app-secret']);
    expect(err).not.toContain('is not taken');
  });
});

describe('help', () => {
  it.each([
    [['--help']],
    [[]],
    [['enable', '--help']],
    [['status', '--help']],
    [['check', '--help']],
    [['disable', '--help']],
    [['external', '--help']],
    [['external', 'list', '--help']],
    [['external', 'set', '--help']],
    [['external', 'show', '--help']],
    [['external', 'remove', '--help']],
    [['resync', '--help']],
    [['dead-letters', '--help']],
    [['dead-letters', 'list', '--help']],
    [['dead-letters', 'redrive', '--help']],
    [['show', '--help']],
    [['logs', '--help']],
  ])('of %j has an example and the options of every command', async (argv) => {
    const { exit, out, err } = await cli(argv);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/Examples?:\n {2}\$ frabit-im/);
    for (const option of ['--json', '--stack', '--region', '--profile', '--local'])
      expect(out).toContain(option);
  });

  it('explains every exit code', async () => {
    const { out } = await cli(['--help']);
    expect(out.match(/^ {2}(0|1|2|3|130) {2,}/gm)).toHaveLength(5);
  });

  it('of enable warns of secrets on a command line', async () => {
    const { out } = await cli(['enable', '--help']);
    expect(out).toMatch(/\(ps\)/);
  });
});

describe('out of reach', () => {
  it('says to start the local stack when nothing answers', async () => {
    const run = await cli(['status', '--local', 'http://127.0.0.1:1', '--json']);
    expect(run.exit).toBe(3);
    expect(run.json()).toMatchObject({ error: { code: 'NO_LOCAL_STACK' } });
    expect(run.err).toMatch(/run npm start/);
  });

  it('uses PORT for the default local stack', async () => {
    const { err } = await cli(['status', '--local'], { env: { PORT: '1' } });
    expect(err).toContain('http://127.0.0.1:1 ');
  });
});
