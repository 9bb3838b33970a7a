import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type ReceiveDependencies,
  receiveExternalEvent,
} from '../../../functions/receive-external-events/receive-external-event.ts';
import { createOaGateway } from '../../../shared/external/client.ts';
import { isOaError } from '../../../shared/external/errors.ts';
import type { OaApproval } from '../../../shared/external/gateway.ts';
import { OA_STATUSES } from '../../../shared/external/wire.ts';
import { MAX_BODY_BYTES } from '../../../shared/runtime/http.ts';
import { aCounter } from '../../support/counter.ts';
import { hostileJson, hostileMembers } from '../../support/hostile-json.ts';
import { signedByOa } from '../../support/oa-push.ts';
import { aSigningSecret } from '../../support/secrets.ts';

const SECRET = aSigningSecret();
const NODE = { nodeId: 'oa', title: 'OA', endpoint: 'https://oa.example.com/v1', revision: 1 };
const NOW = new Date('2026-03-01T08:00:00.000Z');
const before = Reflect.ownKeys(Object.prototype).join();

const id = fc.oneof(fc.constantFrom('oa-7', '..', '.', '__proto__', '\ud800'), fc.string({ unit: 'binary' }));

/** A valid answer, some attributes of which have any value, with hostile members beside them. */
const almostAnswer = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constant('oa-7') }, { weight: 1, arbitrary: id }),
    fc.oneof(fc.constantFrom<unknown>(...OA_STATUSES, 'approved', 'CANCELED', null), fc.jsonValue()),
    fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    hostileMembers('comment').map((text) => text.slice(1, -1)),
  )
  .map(([oaId, status, decidedBy, members]) =>
    JSON.stringify({ id: oaId, status, decidedBy }).replace('{', () => `{${members},`),
  );

it('any answer of an OA is an approval, none, or an error that decides nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(hostileJson(), almostAnswer),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(200) },
        { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
      ),
      id,
      async (body, status, asked) => {
        const urls: string[] = [];
        const gateway = createOaGateway({
          transport: async ({ url }) => {
            urls.push(url);
            return { status, headers: { 'retry-after': body }, body };
          },
          signingSecrets: async () => [SECRET],
          refreshSecrets: async () => {},
          now: () => NOW,
          newId: () => 'id',
        });
        const outcome: OaApproval | undefined = await gateway.read(NODE, asked).catch((error: unknown) => {
          expect(isOaError(error)).toBe(true);
          return undefined;
        });
        for (const url of urls) expect(new URL(url).pathname).toMatch(/^\/v1\/approval\/[^/]*$/);
        if (outcome) {
          expect([200, 201]).toContain(status);
          const said: unknown = JSON.parse(body);
          expect(said).toHaveProperty('id', asked);
          expect(outcome.status === 'PENDING' || Object(said).status === outcome.status).toBe(true);
          expect([...(outcome.comment ?? '')].length).toBeLessThanOrEqual(1_000);
        }
        expect(Reflect.ownKeys(Object.prototype).join()).toBe(before);
      },
    ),
    { numRuns: 2_000 },
  );
});

it('any event is stored, ignored or refused, and never causes an internal error', async () => {
  const secret = { nodes: { oa: { signingSecret: SECRET } } };
  const dependencies: ReceiveDependencies = {
    readNode: async (nodeId) => (nodeId === 'oa' ? NODE : undefined),
    secrets: { current: async () => secret, refresh: async () => false },
    findApproval: async (approvalId) =>
      approvalId === 'ours' ? { issueId: 'issue-1', approvalId } : undefined,
    queue: { send: async () => {} },
    now: () => NOW,
    counter: aCounter(),
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  };
  const headers = fc.dictionary(
    fc.constantFrom('webhook-id', 'webhook-timestamp', 'webhook-signature', '__proto__', 'constructor'),
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('v1,', 'v1', ' ', '1772352000', '-1', '1e9', 'NaN', `v1,${'x'.repeat(44)}`),
    ),
  );
  const body = fc.oneof(hostileJson(), hostileMembers('approvalId'), fc.constant('{"approvalId":"ours"}'));
  await fc.assert(
    fc.asyncProperty(
      body,
      headers,
      fc.boolean(),
      fc.constantFrom('oa', '', '__proto__'),
      async (text, odd, signed, nodeId) => {
        const given = signed ? signedByOa(SECRET, text, { at: NOW }) : odd;
        const { kind } = await receiveExternalEvent(
          { nodeId, headers: given, body: Buffer.from(text) },
          dependencies,
        );
        if (Buffer.byteLength(text) > MAX_BODY_BYTES) expect(kind).toBe('TOO_LARGE');
        else if (nodeId !== 'oa') expect(kind).toBe('UNKNOWN_NODE');
        else if (signed) expect(['STORED', 'IGNORED', 'BAD_REQUEST']).toContain(kind);
        else expect(kind).toBe('UNAUTHORIZED');
        expect(Reflect.ownKeys(Object.prototype).join()).toBe(before);
      },
    ),
    { numRuns: 2_000 },
  );
});
