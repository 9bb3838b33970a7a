import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { CALL_TIMEOUT_MS, createOaGateway } from '../../../shared/external/client.ts';
import {
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportRequest,
} from '../../../shared/external/transport.ts';
import type { OaRequest } from '../../../shared/external/wire.ts';
import { AppError } from '../../../shared/runtime/errors.ts';
import { runInvocation } from '../../../shared/runtime/invocation.ts';
import { aSigningSecret } from '../../support/secrets.ts';

const NODE = { nodeId: 'oa', title: 'OA', endpoint: 'https://oa.example.com/v1', revision: 3 };
const ABOUT = { approvalId: 'approval-1', reason: 'SUPERSEDED' };
const REQUEST: OaRequest = {
  approvalId: 'approval-1',
  issueId: 'issue-1',
  url: 'https://frabit.example.com/issues/1',
  title: 'Orders get a note 语',
  description: null,
  project: null,
  creator: { email: 'creator@example.com' },
  assignee: null,
  createTime: '2026-03-01T08:00:00.000Z',
  step: { stepId: 'step-1', title: 'Change board' },
  stages: [],
  contentSha256: 'abc',
};

type Reply = Partial<TransportAnswer> | Error;

/** Creates a client of an OA that gives these answers, the last one repeatedly. */
function aClient(replies: Reply[], changes: { secrets?: string[][]; refresh?: () => Promise<unknown> } = {}) {
  const asked: TransportRequest[] = [];
  const notes: unknown[] = [];
  const refreshed: unknown[] = [];
  const clock = { now: Date.parse('2026-03-01T08:00:00.000Z') };
  const secrets = changes.secrets ?? [[aSigningSecret()]];
  const transport: Transport = async (request) => {
    asked.push(request);
    const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? {};
    if (reply instanceof Error) throw reply;
    return { status: 200, headers: {}, body: '', ...reply };
  };
  let ids = 0;
  const gateway = createOaGateway({
    transport,
    signingSecrets: async () => secrets[0] ?? [],
    refreshSecrets: async (node) => {
      refreshed.push(node);
      await changes.refresh?.();
      if (secrets.length > 1) secrets.shift();
    },
    now: () => new Date(clock.now),
    newId: () => `id-${++ids}`,
    log: (happening, about) => notes.push([happening, about]),
  });
  return { gateway, asked, notes, refreshed, clock };
}

const says = (body: unknown, status = 200): Reply => ({ status, body: JSON.stringify(body) });
const pending = says({ id: 'oa-7', status: 'PENDING' });

describe('create', () => {
  it('posts the request with its idempotency key and a signature of the sent body', async () => {
    const secret = aSigningSecret();
    const { gateway, asked } = aClient([says({ id: 'oa-7', status: 'PENDING' }, 201)], {
      secrets: [[secret]],
    });
    expect(await gateway.create(NODE, REQUEST)).toEqual({ id: 'oa-7', status: 'PENDING' });
    const [request] = asked;
    expect(request).toMatchObject({
      method: 'POST',
      url: 'https://oa.example.com/v1/approval',
      timeoutMs: 5_000,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'idempotency-key': 'approval-1',
        'webhook-timestamp': '1772352000',
      },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual(REQUEST);
    const at = new Date(1_772_352_000_000);
    expect(request?.headers['webhook-signature']).toBe(
      new Webhook(secret).sign(request?.headers['webhook-id'] ?? '', at, request?.body ?? ''),
    );
  });

  it('repeats the same message, and cancels with another message', async () => {
    const { gateway, asked } = aClient([pending]);
    await gateway.create(NODE, REQUEST);
    await gateway.create(NODE, REQUEST);
    await gateway.cancel(NODE, 'oa-7', ABOUT);
    await gateway.cancel(NODE, 'oa-7', ABOUT);
    const [first, second, third, fourth] = asked.map(({ headers }) => headers['webhook-id']);
    expect(second).toBe(first);
    expect(fourth).toBe(third);
    expect(third).not.toBe(first);
  });

  it.each([200, 201])('accepts status %i', async (status) => {
    const { gateway } = aClient([says({ id: 'oa-7', status: 'APPROVED' }, status)]);
    expect(await gateway.create(NODE, REQUEST)).toEqual({ id: 'oa-7', status: 'APPROVED' });
  });

  it.each([400, 409, 422])('rejects with REFUSED after status %i', async (status) => {
    const { gateway } = aClient([says({ id: 'oa-7', status: 'REJECTED' }, status)]);
    await expect(gateway.create(NODE, REQUEST)).rejects.toMatchObject({
      code: 'REFUSED',
      httpStatus: status,
    });
  });

  it.each([202, 204, 301, 302, 307, 401, 404, 410, 500, 503])(
    'answered %i is UNAVAILABLE, whatever the body says: nothing is decided by it',
    async (status) => {
      const { gateway } = aClient([says({ id: 'oa-7', status: 'REJECTED' }, status)]);
      await expect(gateway.create(NODE, REQUEST)).rejects.toMatchObject({
        name: 'OaError',
        code: 'UNAVAILABLE',
        retryable: true,
        httpStatus: status,
      });
    },
  );
});

describe('an answer that breaks the contract is UNAVAILABLE', () => {
  it.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['a list', '[]'],
    ['no status', '{"id":"oa-7"}'],
    ['no id', '{"status":"APPROVED"}'],
    ['an id that is a number', '{"id":7,"status":"APPROVED"}'],
    ['an empty id', '{"id":"","status":"APPROVED"}'],
    ['an id that climbs', '{"id":"..","status":"APPROVED"}'],
    ['an id that stays', '{"id":".","status":"APPROVED"}'],
    ['half a character for an id', '{"id":"\\ud800","status":"APPROVED"}'],
    ['too long an id', JSON.stringify({ id: 'x'.repeat(513), status: 'APPROVED' })],
    ['a decider that is no text', '{"id":"oa-7","status":"APPROVED","decidedBy":{}}'],
  ])('%s', async (_, body) => {
    const failure = { code: 'UNAVAILABLE', httpStatus: 200 };
    await expect(aClient([{ body }]).gateway.create(NODE, REQUEST)).rejects.toMatchObject(failure);
    await expect(aClient([{ body }]).gateway.read(NODE, 'oa-7')).rejects.toMatchObject(failure);
  });
});

describe('read', () => {
  it('gets the approval by its id, each time as a new message with an empty body', async () => {
    const secret = aSigningSecret();
    const { gateway, asked } = aClient([pending], { secrets: [[secret]] });
    await gateway.read(NODE, 'oa-7');
    await gateway.read(NODE, 'oa-7');
    const [first, second] = asked;
    expect(first).toMatchObject({ method: 'GET', url: 'https://oa.example.com/v1/approval/oa-7' });
    expect(first).not.toHaveProperty('body');
    expect(first?.headers).not.toHaveProperty('content-type');
    expect(second?.headers['webhook-id']).not.toBe(first?.headers['webhook-id']);
    expect(first?.headers['webhook-signature']).toBe(
      new Webhook(secret).sign(first?.headers['webhook-id'] ?? '', new Date(1_772_352_000_000), ''),
    );
  });

  it.each([
    ['a/b?c#d', 'a%2Fb%3Fc%23d'],
    ['../../settings', '..%2F..%2Fsettings'],
    ['%2e%2e', '%252e%252e'],
    ['语 ', '%E8%AF%AD%20'],
    ['...', '...'],
  ])('encodes the id "%s" in the path', async (id, encoded) => {
    const { gateway, asked } = aClient([says({ id, status: 'PENDING' })]);
    await gateway.read(NODE, id);
    const url = new URL(asked[0]?.url ?? '');
    expect(url.pathname).toBe(`/v1/approval/${encoded}`);
    expect(url.search + url.hash).toBe('');
  });

  it.each(['.', '..', '\ud800'])('sends no request for the id "%s"', async (id) => {
    const { gateway, asked } = aClient([pending]);
    await expect(gateway.read(NODE, id)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(gateway.cancel(NODE, id, ABOUT)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(asked).toEqual([]);
  });

  it.each([404, 410])('returns undefined after status %i', async (status) => {
    expect(await aClient([{ status }]).gateway.read(NODE, 'oa-7')).toBeUndefined();
  });

  it('ignores an answer about another approval', async () => {
    const { gateway } = aClient([says({ id: 'oa-8', status: 'APPROVED' })]);
    await expect(gateway.read(NODE, 'oa-7')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('returns who decided and why, cut between characters, and nothing if the OA says nothing', async () => {
    const { gateway } = aClient([
      says({ id: 'oa-7', status: 'REJECTED', decidedBy: ' boss@example.com ', comment: '💥'.repeat(376) }),
      says({ id: 'oa-7', status: 'APPROVED', decidedBy: 'x'.repeat(300), comment: ' ' }),
      says({ id: 'oa-7', status: 'APPROVED', decidedBy: null, comment: null }),
    ]);
    expect(await gateway.read(NODE, 'oa-7')).toEqual({
      id: 'oa-7',
      status: 'REJECTED',
      decidedBy: 'boss@example.com',
      comment: '💥'.repeat(375),
    });
    expect(await gateway.read(NODE, 'oa-7')).toEqual({
      id: 'oa-7',
      status: 'APPROVED',
      decidedBy: 'x'.repeat(254),
    });
    expect(await gateway.read(NODE, 'oa-7')).toEqual({ id: 'oa-7', status: 'APPROVED' });
  });

  it.each<[unknown, string]>([
    ['IN_REVIEW', 'IN_REVIEW'],
    ['approved', 'approved'],
    [`\u001b[31m${'语'.repeat(50)}`, `?[31m${'?'.repeat(35)}`],
    [7, '(number)'],
    [null, '(null)'],
    [{ APPROVED: true }, '(object)'],
  ])('reads the status %j as PENDING and logs it', async (status, word) => {
    const { gateway, notes } = aClient([says({ id: 'oa-7', status })]);
    expect(await gateway.read(NODE, 'oa-7')).toEqual({ id: 'oa-7', status: 'PENDING' });
    expect(notes).toEqual([['unknown status from an OA counts as PENDING', { nodeId: 'oa', status: word }]]);
  });

  it.each(['CANCELED', 'cancelled'])(
    'takes %s for PENDING too, and says that it was that',
    async (status) => {
      const { gateway, notes } = aClient([says({ id: 'oa-7', status })]);
      expect(await gateway.read(NODE, 'oa-7')).toEqual({ id: 'oa-7', status: 'PENDING', canceled: true });
      expect(notes).toEqual([]);
    },
  );
});

describe('cancel', () => {
  it('patches with the reason', async () => {
    const { gateway, asked } = aClient([{ body: 'anything' }]);
    await gateway.cancel(NODE, 'oa-7', ABOUT);
    expect(asked[0]).toMatchObject({
      method: 'PATCH',
      url: 'https://oa.example.com/v1/approval/oa-7',
      body: '{"action":"CANCEL","reason":"SUPERSEDED"}',
    });
  });

  it.each([
    [200, 'TAKEN_BACK'],
    [202, 'TAKEN_BACK'],
    [204, 'TAKEN_BACK'],
    [404, 'UNKNOWN'],
    [410, 'UNKNOWN'],
  ])('answered %i is %s', async (status, outcome) => {
    expect(await aClient([{ status }]).gateway.cancel(NODE, 'oa-7', ABOUT)).toBe(outcome);
  });

  it.each([
    [400, 'REFUSED'],
    [409, 'REFUSED'],
    [422, 'REFUSED'],
    [429, 'RATE_LIMITED'],
    [401, 'UNAVAILABLE'],
    [403, 'UNAVAILABLE'],
    [408, 'UNAVAILABLE'],
    [302, 'UNAVAILABLE'],
    [500, 'UNAVAILABLE'],
  ])('answered %i is %s', async (status, code) => {
    await expect(aClient([{ status }]).gateway.cancel(NODE, 'oa-7', ABOUT)).rejects.toMatchObject({
      code,
      httpStatus: status,
    });
  });
});

describe('429', () => {
  it.each<[string | undefined, number | undefined]>([
    ['17', 17],
    ['Sun, 01 Mar 2026 08:00:30 GMT', 30],
    ['Sun, 01 Mar 2026 07:00:00 GMT', 0],
    ['999999999', 900],
    ['-5', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('with Retry-After "%s" is RATE_LIMITED for %s seconds', async (header, retryAfterSeconds) => {
    const { gateway } = aClient([
      { status: 429, headers: header === undefined ? {} : { 'retry-after': header } },
    ]);
    for (const call of [() => gateway.create(NODE, REQUEST), () => gateway.read(NODE, 'oa-7')]) {
      const error: unknown = await call().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'RATE_LIMITED', httpStatus: 429 });
      expect(error).toHaveProperty('retryAfterSeconds', retryAfterSeconds);
    }
  });
});

describe('secrets', () => {
  it('signs the request with both secrets, the current one first', async () => {
    const both = [aSigningSecret(), aSigningSecret()];
    const { gateway, asked } = aClient([pending], { secrets: [both] });
    await gateway.create(NODE, REQUEST);
    const [request] = asked;
    const id = request?.headers['webhook-id'] ?? '';
    const sign = (secret: string) =>
      new Webhook(secret).sign(id, new Date(1_772_352_000_000), request?.body ?? '');
    expect(request?.headers['webhook-signature']).toBe(both.map(sign).join(' '));
  });

  it.each([401, 403])(
    'refused with %i: read afresh for this node, and tried once more if they are new',
    async (status) => {
      const { gateway, asked, refreshed } = aClient([{ status }, pending], {
        secrets: [[aSigningSecret()], [aSigningSecret()]],
      });
      expect(await gateway.create(NODE, REQUEST)).toMatchObject({ id: 'oa-7' });
      expect(refreshed).toEqual([NODE]);
      expect(asked).toHaveLength(2);
      expect(asked[1]?.headers['webhook-id']).toBe(asked[0]?.headers['webhook-id']);
      expect(asked[1]?.headers['webhook-signature']).not.toBe(asked[0]?.headers['webhook-signature']);
    },
  );

  it('does not try again if the secrets are the same after a refusal', async () => {
    const { gateway, asked, refreshed } = aClient([{ status: 401 }, pending]);
    await expect(gateway.create(NODE, REQUEST)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      httpStatus: 401,
    });
    expect([asked.length, refreshed.length]).toEqual([1, 1]);
  });

  it('does not try a third time after two refusals', async () => {
    const { gateway, asked } = aClient([{ status: 401 }], {
      secrets: [[aSigningSecret()], [aSigningSecret()], [aSigningSecret()]],
    });
    await expect(gateway.read(NODE, 'oa-7')).rejects.toMatchObject({ httpStatus: 401 });
    expect(asked).toHaveLength(2);
  });

  it('gives the second try the rest of the five seconds', async () => {
    const secrets = [[aSigningSecret()], [aSigningSecret()]];
    const { gateway, asked, clock } = aClient([{ status: 401 }, pending], {
      secrets,
      refresh: async () => {
        clock.now += 2_000;
      },
    });
    await gateway.create(NODE, REQUEST);
    expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([CALL_TIMEOUT_MS, CALL_TIMEOUT_MS - 2_000]);
  });

  it('ends three seconds before Lambda ends the function', async () => {
    const { gateway, asked, clock } = aClient([pending]);
    await runInvocation({ endsAt: clock.now + 5_500 }, () => gateway.create(NODE, REQUEST));
    expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([2_500]);
  });

  it('is not made when less than one second would be left for it', async () => {
    const { gateway, asked, clock } = aClient([pending]);
    const call = runInvocation({ endsAt: clock.now + 3_900 }, () => gateway.create(NODE, REQUEST));
    await expect(call).rejects.toMatchObject({ code: 'UNAVAILABLE', httpStatus: undefined });
    expect(asked).toEqual([]);
  });

  it('does not try again when the five seconds are over', async () => {
    const { gateway, asked, clock } = aClient([{ status: 401 }, pending], {
      secrets: [[aSigningSecret()], [aSigningSecret()]],
      refresh: async () => {
        clock.now += CALL_TIMEOUT_MS;
      },
    });
    await expect(gateway.create(NODE, REQUEST)).rejects.toMatchObject({ httpStatus: 401 });
    expect(asked).toHaveLength(1);
  });

  it('reads the secrets again before the request if none is known', async () => {
    const { gateway, asked } = aClient([pending], { secrets: [[], [aSigningSecret()]] });
    await gateway.create(NODE, REQUEST);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['none', []],
    ['what is none', ['by hand']],
  ])('%s at all is SETUP, and nothing is sent', async (_, secrets) => {
    const { gateway, asked } = aClient([pending], { secrets: [secrets] });
    await expect(gateway.create(NODE, REQUEST)).rejects.toMatchObject({ code: 'SETUP', retryable: false });
    expect(asked).toEqual([]);
  });

  it.each([
    ['SECRET_UNAVAILABLE', true, 'UNAVAILABLE'],
    ['SECRET_MISSING', false, 'SETUP'],
  ])('%s is %s', async (code, retryable, expected) => {
    const { gateway } = aClient([{ status: 401 }], {
      refresh: () => Promise.reject(new AppError(code, 'The secret.', { retryable })),
    });
    await expect(gateway.read(NODE, 'oa-7')).rejects.toMatchObject({ name: 'OaError', code: expected });
  });
});

describe('no answer is UNAVAILABLE', () => {
  it.each([
    ['in time', new TransportError('TIMEOUT', 'The OA did not answer in time.'), undefined],
    ['of a size that is read', new TransportError('TOO_LARGE', 'Larger than 64 KiB.', 200), 200],
    ['for a reason that nobody thought of', new Error('the SQL'), undefined],
  ])('%s', async (_, failure, httpStatus) => {
    const { gateway } = aClient([failure]);
    const error: unknown = await gateway.cancel(NODE, 'oa-7', ABOUT).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'OaError', code: 'UNAVAILABLE', httpStatus });
    expect(String(error)).not.toContain('SQL');
  });
});
