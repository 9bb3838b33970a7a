import { afterEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../infra/cli/io.ts';
import { type Answer, aLocalStack, aView, check, cli, keep, type LocalFake, NOT_SET_UP } from './support.ts';

let stack: LocalFake | undefined;
afterEach(() => stack?.close());

async function started(answers: Record<string, Answer[]>): Promise<string> {
  stack = await aLocalStack(({ method, path }) => {
    const left = answers[`${method} ${path.replace('/settings', '')}`] ?? [];
    return left.length > 1 ? left.shift() : left[0];
  });
  return stack.url;
}

describe('status', () => {
  it('shows the set-up', async () => {
    const url = await started({ 'GET /feishu': [{ body: aView({ reminderHours: 4, withdrawing: 2 }) }] });
    const { exit, out } = await cli(['status', '--local', url]);
    expect(exit).toBe(0);
    for (const text of ['DEFINITION', 'Frabit (ou_bot)', 'every 4 hours', '2 approvals', '✔ credentials']) {
      expect(out).toContain(text);
    }
  });

  it.each([
    ['refuse', true],
    ['allow', false],
    [undefined, false],
  ])('says whether cut cards are not sent: %s', async (cutForms, said) => {
    const url = await started({ 'GET /feishu': [{ body: aView({ cutForms }) }] });
    const { out } = await cli(['status', '--local', url]);
    expect(/Cut cards +not sent: .* cannot show every statement in full/.test(out)).toBe(said);
    const { cutForms: document } = (await cli(['status', '--local', url, '--json'])).json();
    expect(document).toBe(cutForms);
  });

  it('docs/lessons.md 51: shows values of a newer stack as they are', async () => {
    const body = aView({ cutForms: 'NEWER-CUT', domain: 'NEWER-DOMAIN', checks: [check('NEWER-CHECK')] });
    const url = await started({ 'GET /feishu': [{ body }] });
    const { exit, out } = await cli(['status', '--local', url]);
    expect(exit).toBe(0);
    for (const word of ['NEWER-CUT', 'NEWER-DOMAIN', 'NEWER-CHECK']) expect(out).toContain(word);
  });

  it.each([
    [false, true],
    [true, false],
    [undefined, false],
  ])('says in words that withdrawn cards get no comment, if so: %s', async (withdrawalComments, said) => {
    const url = await started({ 'GET /feishu': [{ body: aView({ withdrawalComments }) }] });
    const { out } = await cli(['status', '--local', url]);
    expect(/Comments +none on withdrawn cards/.test(out)).toBe(said);
    const { withdrawalComments: document } = (await cli(['status', '--local', url, '--json'])).json();
    expect(document).toBe(withdrawalComments);
  });

  it.each([
    ['nothing was set up', NOT_SET_UP, 'NOT_SET_UP'],
    ['approvals are switched off', aView({ enabled: false }), 'DISABLED'],
  ])('ends with 1 when %s', async (_what, body, code) => {
    const url = await started({ 'GET /feishu': [{ body }] });
    const run = await cli(['status', '--local', url, '--json']);
    expect(run.exit).toBe(1);
    expect(run.json()).toMatchObject({ enabled: false, error: { code } });
  });

  it('uses colours only on a terminal and without NO_COLOR', async () => {
    const url = await started({ 'GET /feishu': [{ body: aView() }] });
    const outOf = async (isTerminal: boolean, env: Record<string, string>) => {
      const stdout = keep(isTerminal);
      await cli(['status', '--local', url], { env, stdout });
      return stdout.text().includes('\u001b');
    };
    expect([await outOf(true, {}), await outOf(false, {}), await outOf(true, { NO_COLOR: '1' })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('check', () => {
  it.each([
    ['every check passes', [check('credentials'), check('events')], 0],
    ['no event arrived', [check('credentials'), check('events', false)], 1],
    ['only reminders cannot be sent', [check('scope:im:message:send_as_bot', false)], 0],
  ])('when %s', async (_what, checks, exit) => {
    const url = await started({ 'POST /feishu/check': [{ body: aView({ checks }) }] });
    expect(await cli(['check', '--local', url])).toMatchObject({ exit });
  });

  it.each(['NOT_SET_UP', 'DISABLED'])('says what to do after 409 %s', async (code) => {
    const url = await started({ 'POST /feishu/check': [{ status: 409, body: { code, message: 'No.' } }] });
    const run = await cli(['check', '--local', url]);
    expect(run).toMatchObject({ exit: 1 });
    expect(run.err).toContain('frabit-im enable');
  });
});

describe('check --email', () => {
  const test = (changes: object) => ({
    body: {
      testId: 't1',
      email: 'a@example.com',
      state: 'PENDING',
      sentAt: '2026-03-01T08:00:00.000Z',
      ...changes,
    },
  });
  const APPROVED = {
    state: 'APPROVED',
    closedAt: '2026-03-01T08:00:07.500Z',
    decidedBy: { email: 'a@example.com', userId: 'ou_a' },
  };
  const withTest = (...tests: Answer[]) =>
    started({
      'POST /feishu/check': [{ status: 202, body: { testId: 't1', checks: [check('credentials')] } }],
      'GET /feishu/check/t1': tests,
    });
  const run = (url: string, ...more: string[]) =>
    cli(['check', '--local', url, '--email', 'a@example.com', ...more]);

  it('waits for the decision and says how long it took', async () => {
    const url = await withTest(
      test({}),
      test({}),
      test({ ...APPROVED, eventAt: '2026-03-01T08:00:08.000Z' }),
    );
    const { exit, out } = await run(url);
    expect(exit).toBe(0);
    expect(out).toContain('Sent to a@example.com: tap Approve in Feishu');
    expect(out).toContain('Approved by a@example.com, 7.5 s after it was sent.');
  });

  it('goes on after a failed poll', async () => {
    const url = await withTest(
      { status: 503, body: {} },
      test({ ...APPROVED, eventAt: '2026-03-01T08:00:08.000Z' }),
    );
    expect(await run(url)).toMatchObject({ exit: 0 });
  });

  it.each([
    ['no event arrived', [test(APPROVED)], /enter the request URL https:\/\/hooks.example.com/],
    ['it was rejected', [test({ state: 'REJECTED' })], /not approved, but REJECTED/],
    ['nobody decides', [test({})], /within 3 s/],
  ])('ends with 1 when %s', async (_what, tests, says) => {
    const { exit, err } = await run(await withTest(...tests), '--wait', '3');
    expect(exit).toBe(1);
    expect(err).toMatch(says);
  });

  it('says why the test could not be sent', async () => {
    const body = {
      code: 'ASSIGNEE_NOT_IN_FEISHU',
      message: 'Feishu does not know a@example.com.',
      checks: [],
    };
    const url = await started({ 'POST /feishu/check': [{ status: 422, body }] });
    expect(await run(url)).toMatchObject({ exit: 1, err: 'Feishu does not know a@example.com.\n' });
  });
});

describe('disable', () => {
  const asks = (sure: boolean): Asker => ({
    text: async () => '',
    secret: async () => '',
    confirm: async () => sure,
  });
  const disabling = () => started({ 'DELETE /feishu': [{ status: 202, body: { withdrawing: 3 } }] });

  it('says how many requests are withdrawn', async () => {
    const { exit, out } = await cli(['disable', '--local', await disabling(), '--yes']);
    expect(exit).toBe(0);
    expect(out).toContain('3 open requests are being withdrawn.');
  });

  it.each([
    [true, 0, 1],
    [false, 130, 0],
  ])('asks on a terminal: %s', async (sure, exit, calls) => {
    const run = await cli(['disable', '--local', await disabling()], { ask: asks(sure) });
    expect(run.exit).toBe(exit);
    expect(stack?.calls()).toHaveLength(calls);
  });
});
