import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildDefinition } from '../../../shared/feishu/definition.ts';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { aBareStack, approvalOf, type BareStack, type Ended, type Keys } from '../../support/command-line.ts';

/**
 * Sets up a local stack with the command line, as an administrator does: without problems, with each check
 * failing in turn, on the wrong platform, and with approvals live while app and keys change.
 */

const APPROVER = 'dba@example.com';
const SCOPES = ['approval:approval', 'approval:approval:readonly', 'contact:user.id:readonly'];

const viewSchema = z.object({
  enabled: z.boolean().optional(),
  approvalCode: z.string().optional(),
  withdrawing: z.number().optional(),
  checks: z.array(
    z.object({ name: z.string(), ok: z.boolean(), detail: z.string(), fix: z.string().optional() }),
  ),
});
const view = ({ stdout }: Ended) => viewSchema.parse(JSON.parse(stdout));
const failing = (ended: Ended): string[] =>
  view(ended)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name);
const checkOf = (ended: Ended, name: string) => view(ended).checks.find((check) => check.name === name);

describe('on a stack on which nothing is enabled', () => {
  let stack: BareStack;
  beforeAll(async () => {
    stack = await aBareStack();
  });
  afterAll(() => stack.stop());

  it('status says that nothing is set up, and what to run', async () => {
    const { code, stderr } = await stack.frabitIm(['status']);
    expect([code, stderr]).toEqual([1, 'Feishu is not set up: run frabit-im enable.\n']);
  });

  it.each([
    ['no app id', { appId: undefined }, 'App ID (FEISHU_APP_ID)'],
    ['a malformed app id', { appId: 'my-app' }, 'App ID must be cli_ and 16 hexadecimal digits'],
    ['an empty app secret', { appSecret: '' }, 'App Secret (FEISHU_APP_SECRET)'],
    ['no encrypt key', { encryptKey: undefined }, 'Encrypt Key (FEISHU_ENCRYPT_KEY)'],
  ])('%s: one line that says what to do, exit code 2', async (_, change, says) => {
    const { code, stdout, stderr } = await stack.frabitIm(['enable'], { ...stack.keys, ...change });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(says);
  });

  it('an unknown domain: one line that names both domains, exit code 2', async () => {
    const { code, stderr } = await stack.frabitIm(['enable', '--domain', 'larkk']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^[^\n]*must be feishu or lark\.\n$/)]);
  });

  it.each([
    ['credentials', { keys: { appSecret: 'wrong' } }, 'Credentials & Basic Info'],
    ['bot', { console: { botEnabled: false } }, 'Add Features → Bot → Add'],
    ...SCOPES.map(
      (scope) =>
        [
          `scope:${scope}`,
          { console: { scopes: SCOPES.filter((one) => one !== scope) } },
          `Permissions & Scopes → Add permission scopes to app: search ${scope}`,
        ] as const,
    ),
    ['definition', { flags: ['--approval-code', 'NO-SUCH-CODE'] }, 'without one to create one'],
    [
      'subscription',
      { console: { calls: [{ kind: 'ERROR_CODE', endpoint: 'subscribe', code: 1390009, status: 403 }] } },
      'Permissions & Scopes',
    ],
  ] as const)('%s fails: it is named with page and button, and nothing is stored', async (name, how, fix) => {
    const console = stack.console();
    if ('console' in how) await console.set(how.console);
    const keys: Keys = { ...stack.keys, ...('keys' in how ? how.keys : {}) };
    const flags = 'flags' in how ? how.flags : [];
    const ended = await stack.frabitIm(['enable', '--json', ...flags], keys);
    await console.behave();
    expect(ended.code).toBe(1);
    const waiting = ['encryption', 'events'];
    const [first] = failing(ended).filter((one) => !waiting.includes(one));
    expect(first).toBe(name);
    expect(checkOf(ended, name)?.fix).toContain(fix);
    expect(view(ended).checks.length).toBeGreaterThanOrEqual(9);
    const status = await stack.frabitIm(['status', '--json']);
    expect(status.code).toBe(1);
    expect(view(status)).toMatchObject({ enabled: false, checks: [] });
  });

  it('Feishu out of reach: the check says so, and nothing is stored', async () => {
    const console = stack.console();
    await console.set({ calls: [{ kind: 'RESET_BEFORE', endpoint: 'token' }] });
    const ended = await stack.frabitIm(['enable', '--json']);
    await console.behave();
    expect(ended.code).toBe(1);
    expect(checkOf(ended, 'credentials')?.fix).toContain('Try again in a minute');
    expect(view(await stack.frabitIm(['status', '--json'])).enabled).toBe(false);
  });

  it('without problems: enables with one definition; names checks that wait for Feishu without failing', async () => {
    const ended = await stack.frabitIm(['enable']);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('The approval definition');
    expect(ended.stdout).toContain(stack.webhookUrl);
    const doctor = await stack.frabitIm(['check', '--json']);
    expect([doctor.code, failing(doctor)]).toEqual([1, ['encryption', 'events']]);
  });

  it('enabled again: the definition is not written a second time (docs/lessons.md 49)', async () => {
    const ended = await stack.frabitIm(['enable', '--json']);
    expect(ended.code).toBe(0);
    expect(checkOf(ended, 'definition')?.detail).toBe('The approval definition is as it must be.');
    expect((await stack.console().calls()).calls.createDefinition).toBe(1);
  });

  it('encryption fails: other keys in the console than those that were saved', async () => {
    const wrong = await stack.frabitIm(['enable'], { ...stack.keys, encryptKey: 'another-key' });
    expect(wrong.code).toBe(0);
    // The old keys stay valid for a day, as after a rotation: the check sees that the new ones are not proven.
    expect((await stack.console().enterRequestUrl(stack.webhookUrl)).ok).toBe(true);
    const doctor = await stack.frabitIm(['check', '--json']);
    expect(failing(doctor)).toContain('encryption');
    expect(checkOf(doctor, 'encryption')?.fix).toContain('Encryption Strategy');
    expect((await stack.frabitIm(['enable'])).code).toBe(0);
  });

  it('the request URL is entered: the challenge is answered, and the check encryption passes', async () => {
    expect((await stack.console().enterRequestUrl(stack.webhookUrl)).ok).toBe(true);
    expect(failing(await stack.frabitIm(['check', '--json']))).toEqual(['events']);
  });

  it('events fail: the decision is found by polling, but no event arrives', async () => {
    const console = stack.console();
    await console.set({ eventsAdded: false });
    const testing = stack.frabitIm(['check', '--email', APPROVER]);
    const card = await stack.until('the test card', async () => (await console.inbox(APPROVER)).pending[0]);
    await console.approve(card.instanceCode, APPROVER);
    const ended = await testing;
    await console.behave();
    expect(ended.code).toBe(1);
    expect(ended.stdout + ended.stderr).toMatch(/Add Events|add the .*events/i);
  });

  it('events are added: the test approval is confirmed, and every check passes', async () => {
    const console = stack.console();
    const testing = stack.frabitIm(['check', '--email', APPROVER]);
    const card = await stack.until('the test card', async () => (await console.inbox(APPROVER)).pending[0]);
    await console.approve(card.instanceCode, APPROVER);
    const ended = await testing;
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining(`Approved by ${APPROVER}`)]);
    const doctor = await stack.frabitIm(['check']);
    expect([doctor.code, doctor.stdout.match(/^✔ /gm)?.length]).toEqual([0, 9]);
    expect((await stack.console().calls()).calls.createDefinition).toBe(1);
  });

  it('cut forms are refused: kept by a save without the option, shown by status, and allowed again', async () => {
    const enable = async (...flags: string[]) =>
      JSON.parse((await stack.frabitIm(['enable', '--json', ...flags])).stdout).cutForms;
    expect(await enable()).toBe('allow');
    expect(await enable('--cut-forms', 'refuse')).toBe('refuse');
    expect(await enable()).toBe('refuse');
    expect((await stack.frabitIm(['status'])).stdout).toMatch(/Cut cards +not sent/);
    expect(await enable('--cut-forms', 'allow')).toBe('allow');
  });

  it('reminders without their scope: reported, but nothing fails', async () => {
    await stack.console().set({ scopes: SCOPES });
    const ended = await stack.frabitIm(['enable', '--json', '--reminder-hours', '24']);
    await stack.console().behave();
    expect([ended.code, failing(ended)]).toEqual([0, ['scope:im:message:send_as_bot']]);
    const kept = JSON.parse((await stack.frabitIm(['enable', '--json'])).stdout);
    expect(kept).toMatchObject({ reminderHours: 24 });
  });

  it('an own definition that does not fit: refused with what it lacks, and replaced only with --replace-definition', async () => {
    const keys = await stack.addApp('feishu');
    const setup = createFeishuSetup({ credentials: async () => keys, baseUrl: stack.feishuUrl });
    const body = buildDefinition();
    const [first] = z.array(z.unknown()).parse(JSON.parse(body.form.form_content));
    const code = await setup.saveDefinition(
      { appId: keys.appId, domain: 'feishu' },
      { ...body, form: { form_content: JSON.stringify([first]) } },
    );
    const writes = async () => (await stack.console(keys.appId).calls()).calls.createDefinition;
    const own = ['enable', '--approval-code', code];

    const refused = await stack.frabitIm(own, keys);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(
      /✖ definition +The approval definition does not fit: it lacks the widgets stage,/,
    );
    expect(refused.stdout).toContain('--replace-definition');
    expect(refused.stderr).toContain('these checks failed: definition');
    const unsure = await stack.frabitIm([...own, '--replace-definition'], keys);
    expect([unsure.code, unsure.stderr]).toEqual([2, expect.stringContaining('needs --yes')]);
    expect(await writes()).toBe(1);

    const replaced = await stack.frabitIm([...own, '--replace-definition', '--yes', '--json'], keys);
    expect([replaced.code, view(replaced).approvalCode]).toEqual([0, code]);
    expect(checkOf(replaced, 'definition')?.detail).toBe('The approval definition was replaced.');
    expect((await stack.frabitIm(['enable'], keys)).code).toBe(0);
    expect(await writes()).toBe(2);
    expect((await stack.frabitIm(['enable'])).code).toBe(0);
  });

  it('a Lark app with the domain feishu: the check says so; with its own domain it works', async () => {
    const lark = await stack.addApp('lark');
    const wrong = await stack.frabitIm(['enable', '--json', '--domain', 'feishu'], lark);
    expect(wrong.code).toBe(1);
    expect(checkOf(wrong, 'credentials')).toMatchObject({
      detail: expect.stringContaining('an app on Lark (open.larksuite.com)'),
      fix: expect.stringContaining('--domain lark'),
    });
    expect((await stack.frabitIm(['enable', '--domain', 'lark'], lark)).code).toBe(0);
    const issueId = await stack.writeIssue('on-lark');
    await stack.until('the card at Lark', async () => {
      const [card] = (await stack.console(lark.appId).inbox(APPROVER)).pending;
      const approval = approvalOf(await stack.table.read(issueId));
      return approval?.state === 'PENDING' && card?.uuid === approval.approvalId ? true : undefined;
    });
  });
});

describe('with approvals live', () => {
  let stack: BareStack;
  beforeAll(async () => {
    stack = await aBareStack();
    expect((await stack.frabitIm(['enable'])).code).toBe(0);
    expect((await stack.console().enterRequestUrl(stack.webhookUrl)).ok).toBe(true);
  });
  afterAll(() => stack.stop());

  const cardOf = (issueId: string, appId?: string, email = APPROVER) =>
    stack.until(`a card of ${issueId}`, async () => {
      const approval = approvalOf(await stack.table.read(issueId));
      const { pending } = await stack.console(appId).inbox(email);
      return pending.find((card) => card.uuid === approval?.approvalId && approval?.state === 'PENDING');
    });
  const approved = (issueId: string) =>
    stack.until(`${issueId} approved`, async () => {
      const issue = await stack.table.read(issueId);
      return approvalOf(issue)?.state === 'APPROVED' && issue?.stages[0]?.tasks[0]?.status === 'PENDING'
        ? true
        : undefined;
    });

  it('another app is enabled: the former app withdraws its cards, and the new one sends them again', async () => {
    const { approvalCode } = view(await stack.frabitIm(['status', '--json']));
    const before = await cardOf(await stack.writeIssue('switched'));
    const other = await stack.addApp('feishu');
    const ended = await stack.frabitIm(['enable', '--json'], other);
    expect([ended.code, view(ended).withdrawing]).toEqual([0, 1]);
    expect((await stack.console(other.appId).enterRequestUrl(stack.webhookUrl)).ok).toBe(true);
    const after = await cardOf('switched', other.appId);
    const statuses = async () =>
      (await stack.console().instances())
        .filter(({ instanceCode }) => instanceCode === before.instanceCode)
        .map(({ status }) => status);
    expect(await statuses()).toEqual(['CANCELED']);
    await stack.console(other.appId).approve(after.instanceCode, APPROVER);
    await approved('switched');
    const back = await stack.frabitIm(['enable', '--json']);
    expect(view(back).approvalCode).toBe(approvalCode);
  });

  it('the app secret is rotated: waiting requests are sent after the new one is saved', async () => {
    const console = stack.console();
    const live = await cardOf(await stack.writeIssue('before-rotation'));
    const keys = await console.rotate({ appSecret: true });
    await console.set({ expireTokens: true });
    await stack.writeIssue('during-rotation');
    await stack.until('the send that waits', async () => {
      const approval = approvalOf(await stack.table.read('during-rotation'));
      return approval?.state === 'REQUESTED' && approval.error?.code === 'FEISHU_SETUP' ? true : undefined;
    });
    expect((await stack.frabitIm(['enable'])).code).toBe(1);
    expect((await stack.frabitIm(['enable'], keys)).code).toBe(0);
    Object.assign(stack.keys, keys);
    await cardOf('during-rotation');
    await console.approve(live.instanceCode, APPROVER);
    await approved('before-rotation');
  });

  it('encrypt key and token are rotated: an event that arrives before they are saved is not lost', async () => {
    const console = stack.console();
    const live = await cardOf('during-rotation');
    const keys = await console.rotate({ encryptKey: true, verificationToken: true });
    await console.approve(live.instanceCode, APPROVER);
    expect((await stack.frabitIm(['enable'], keys)).code).toBe(0);
    Object.assign(stack.keys, keys);
    await approved('during-rotation');
  });

  it('two people save a new app at once: there is one definition, and the set-up works', async () => {
    const other = await stack.addApp('feishu');
    await stack
      .console(other.appId)
      .set({ calls: [{ kind: 'SLOW', endpoint: 'createDefinition', ms: 300 }] });
    const ended = await Promise.all([
      stack.frabitIm(['enable', '--json'], other),
      stack.frabitIm(['enable', '--json'], other),
      stack.frabitIm(['enable', '--json']),
    ]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    const [one, two, first] = ended.map((each) => view(each).approvalCode);
    expect(two).toBe(one);
    expect(first).not.toBe(one);
    expect((await stack.console(other.appId).calls()).calls.createDefinition).toBe(1);
    const waiting = failing(await stack.frabitIm(['check', '--json']));
    expect(waiting.filter((name) => name !== 'encryption' && name !== 'events')).toEqual([]);
    expect((await stack.frabitIm(['enable'])).code).toBe(0);
  });

  it('disabled: the live card is withdrawn and nothing is sent; enabled and resynced: it is sent again', async () => {
    const before = await cardOf(await stack.writeIssue('paused'));
    const ended = await stack.frabitIm(['disable', '--yes', '--json']);
    expect([ended.code, JSON.parse(ended.stdout)]).toEqual([0, expect.objectContaining({ withdrawing: 1 })]);
    await stack.until('the withdrawal', async () => {
      const issue = await stack.table.read('paused');
      const approval = approvalOf(issue);
      return approval?.closeReason === 'DISABLED' && issue?.approvalHold === 'DISABLED' ? true : undefined;
    });
    expect((await stack.frabitIm(['enable'])).code).toBe(0);
    const resynced = await stack.frabitIm(['resync', '--json']);
    expect([resynced.code, JSON.parse(resynced.stdout).hinted]).toEqual([0, expect.any(Number)]);
    expect(JSON.parse(resynced.stdout).hinted).toBeGreaterThanOrEqual(1);
    expect((await cardOf('paused')).instanceCode).not.toBe(before.instanceCode);
  });

  it('an approver whom Feishu did not know is asked after the settings are saved again', async () => {
    const console = stack.console();
    const late = 'late@example.com';
    await console.set({ people: { [late]: 'OUT_OF_RANGE' } });
    await stack.writeIssue('out-of-range', late);
    await stack.until('the failure', async () => {
      const approval = approvalOf(await stack.table.read('out-of-range'));
      return approval?.state === 'FAILED' ? true : undefined;
    });
    await console.behave();
    expect((await stack.frabitIm(['enable'])).code).toBe(0);
    await cardOf('out-of-range', undefined, late);
  });

  it('show prints an issue as a timeline', async () => {
    const { code, stdout } = await stack.frabitIm(['show', 'paused', '--no-sql']);
    expect(code).toBe(0);
    expect(stdout).toContain('DISABLED');
    expect(stdout).toContain(APPROVER);
  });
});
