import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { answerOf } from '../../../functions/receive-external-events/http.ts';
import { receiveExternalEvent } from '../../../functions/receive-external-events/receive-external-event.ts';
import { type OaSimulator, startOaSimulator } from '../../../infra/local/simulators/oa/server.ts';
import { createOaGateway } from '../../../shared/external/client.ts';
import type { OaGateway } from '../../../shared/external/gateway.ts';
import { oaRequestOf } from '../../../shared/external/request.ts';
import { createTransport } from '../../../shared/external/transport.ts';
import type { OaRequest } from '../../../shared/external/wire.ts';
import type { ExternalNode } from '../../../shared/settings/external-nodes.ts';
import { aCounter } from '../../support/counter.ts';
import { anIssue, aStage, aStep, aTask } from '../../support/issue.ts';
import { aLog } from '../../support/log.ts';
import { aSigningSecret } from '../../support/secrets.ts';
import {
  type Described,
  describedBy,
  type Exchange,
  readDocument,
} from '../../unit/docs/openapi-document.ts';
import { forwardTo, type Relay, startRelay } from './recording-relay.ts';

/** The client of the product talks to the OA simulator over HTTP, and the OpenAPI document checks every message. */

const NODE_ID = 'traffic-oa';
const BOARD = 'board@example.com';
const secret = aSigningSecret();
const anotherSecret = aSigningSecret();

const step = aStep({ kind: 'EXTERNAL', externalNodeId: NODE_ID });
/** An issue without the optional members, and one with all of them. */
const BARE = anIssue({ projectId: undefined, assignee: undefined, creator: { email: 'c@example.com' } });
const FULL = anIssue({
  description: 'Because of “quotes”,\nnew lines and 🙂',
  stages: [
    aStage({
      environment: undefined,
      tasks: [aTask({ type: undefined, instance: undefined, database: undefined })],
    }),
    aStage({
      stageId: 'stage-2',
      tasks: [
        aTask({ statement: undefined }),
        aTask({
          taskId: 'task-2',
          statement: undefined,
          sheet: {
            uri: 's3://sheets/1',
            sha256: 'a'.repeat(64),
            sizeBytes: 7,
            preview: 'INSERT INTO traffic',
          },
        }),
      ],
    }),
  ],
});
const aRequest = (issue = FULL): OaRequest =>
  oaRequestOf(issue, step, {
    approvalId: randomUUID(),
    requestedAt: '2026-03-01T08:00:00.000Z',
    contentSha256: 'b'.repeat(64),
  });

let oa: OaSimulator;
let requests: Relay;
let events: Relay;
let node: ExternalNode;
const approvalIds = new Set<string>();

const gatewayWith = (...signingSecrets: string[]): OaGateway =>
  createOaGateway({
    transport: createTransport({ allowLocal: true }),
    signingSecrets: async () => signingSecrets,
    refreshSecrets: async () => undefined,
    now: () => new Date(),
    newId: randomUUID,
  });

beforeAll(async () => {
  oa = await startOaSimulator({ signingSecret: secret, nodeId: NODE_ID });
  requests = await startRelay(forwardTo(() => oa.url));
  events = await startRelay(async ({ headers, body }) => {
    const outcome = await receiveExternalEvent(
      { nodeId: NODE_ID, headers, body },
      {
        readNode: async () => node,
        secrets: {
          current: async () => ({ nodes: { [NODE_ID]: { signingSecret: secret } } }),
          refresh: async () => false,
        },
        findApproval: async (approvalId) =>
          approvalIds.has(approvalId) ? { approvalId, issueId: FULL.issueId } : undefined,
        queue: { send: async () => undefined },
        now: () => new Date(),
        counter: aCounter(),
        logger: aLog(),
      },
    );
    const { statusCode = 500, headers: said = {}, body: text = '' } = answerOf(outcome);
    const answered = Object.entries(said).map(([name, value]) => [name.toLowerCase(), String(value)]);
    return { status: statusCode, headers: Object.fromEntries(answered), body: text };
  });
  oa.control.setEventsUrl(`${events.url}/external-approvals/${NODE_ID}/events`);
  node = { nodeId: NODE_ID, title: 'Traffic', endpoint: requests.url, revision: 1 };
  await talk();
});
afterAll(() => Promise.all([requests?.close(), events?.close(), oa?.close()]));

/** Sends every request of the product to the OA, and gets every answer of the contract. */
async function talk(): Promise<void> {
  // Signed with both secrets, as in the day after a rotation.
  const gateway = gatewayWith(anotherSecret, secret);
  const create = async (request = aRequest()) => {
    approvalIds.add(request.approvalId);
    const { id } = await gateway.create(node, request);
    return { id, request, about: { approvalId: request.approvalId, reason: 'SUPERSEDED' } };
  };
  await create(aRequest(BARE));
  const approved = await create();
  await gateway.create(node, approved.request);
  await gateway.read(node, approved.id);
  oa.control.approve(approved.id, BOARD, 'Within budget');
  await gateway.read(node, approved.id);
  await gateway.create(node, approved.request);
  await expect(gateway.cancel(node, approved.id, approved.about)).rejects.toMatchObject({ code: 'REFUSED' });

  const rejected = await create();
  oa.control.reject(rejected.id, 'somebody without an e-mail');
  await gateway.read(node, rejected.id);

  const canceled = await create();
  await gateway.cancel(node, canceled.id, canceled.about);
  await gateway.cancel(node, canceled.id, canceled.about);
  await gateway.read(node, canceled.id);

  oa.control.misbehave({ kind: 'STATUS', on: 'GET', times: 1, status: 429, retryAfterSeconds: 7 });
  await expect(gateway.read(node, canceled.id)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  await expect(gatewayWith(anotherSecret).read(node, canceled.id)).rejects.toMatchObject({ httpStatus: 401 });

  oa.control.forget();
  expect(await gateway.read(node, 'CHG-of/before?')).toBeUndefined();
  await gateway.cancel(node, canceled.id, canceled.about);
  await vi.waitFor(() => expect(events.exchanges).toHaveLength(2), { timeout: 10_000 });
}

/** Names an exchange, for example `POST 201 PENDING`. */
const nameOf = ({ method, status, answer }: Exchange): string => {
  const answered = z.object({ status: z.string() }).safeParse(JSON.parse(answer)).data?.status;
  return [method, status, answered].filter((part) => part !== undefined).join(' ');
};

describe('the traffic with an OA', () => {
  it('contains every request and answer of the contract', () => {
    expect([...new Set(requests.exchanges.map(nameOf))].sort()).toEqual([
      'GET 200 APPROVED',
      'GET 200 CANCELED',
      'GET 200 PENDING',
      'GET 200 REJECTED',
      'GET 401',
      'GET 404',
      'GET 429',
      'PATCH 200 CANCELED',
      'PATCH 404',
      'PATCH 409',
      'POST 200 APPROVED',
      'POST 200 PENDING',
      'POST 201 PENDING',
    ]);
    expect(events.exchanges.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('is completely described by the OpenAPI document', () => {
    const described = describedBy(readDocument());
    expect(problemsOf(described)).toEqual([]);
  });
});

const problemsOf = (described: Described): string[] => [
  ...requests.exchanges.flatMap((one) => described.checkExchange(one)),
  ...events.exchanges.flatMap((one) => described.checkEvent(one)),
];

/** A place in the document, and the change there. */
type Breakage = [what: string, place: string[], change: (held: Record<string, unknown>) => void];

const SCHEMAS = ['components', 'schemas'];
const APPROVAL = ['paths', '/approval/{id}'];
const requireMore = (name: string) => (held: Record<string, unknown>) => {
  held.required = [...z.array(z.string()).parse(held.required), name];
};
const without = (name: string) => (held: Record<string, unknown>) => {
  delete held[name];
};
const having = (name: string, value: unknown) => (held: Record<string, unknown>) => {
  held[name] = value;
};

describe('the check of the traffic fails if', () => {
  it.each<Breakage>([
    [
      'a field of the request is not described',
      [...SCHEMAS, 'ApprovalRequest', 'properties'],
      without('project'),
    ],
    ['a field of a task is not described', [...SCHEMAS, 'Task', 'properties'], without('sheet')],
    ['a field is required that is not sent', [...SCHEMAS, 'Task'], requireMore('rows')],
    ['null is not allowed', [...SCHEMAS, 'Stage', 'properties', 'environment'], having('type', 'string')],
    ['a hash has another pattern', [...SCHEMAS, 'TaskHash'], having('pattern', '^[0-9A-F]{64}$')],
    ['an answer has another type', [...SCHEMAS, 'Id'], having('type', 'integer')],
    ['an answer has one more required field', [...SCHEMAS, 'Approval'], requireMore('decidedAt')],
    ['the reason is not described', [...SCHEMAS, 'Cancel', 'properties'], without('reason')],
    ['an event has another field', [...SCHEMAS, 'Event'], requireMore('status')],
    ['a status is not described', [...APPROVAL, 'patch', 'responses'], without('409')],
    ['an answer to a repeat is not described', ['paths', '/approval', 'post', 'responses'], without('200')],
    ['an unknown approval is not described', [...APPROVAL, 'get', 'responses'], without('404')],
    ['a request is not described', APPROVAL, without('patch')],
    ['a path is not described', ['paths'], without('/approval')],
    [
      'a header is not described',
      ['paths', '/approval', 'post'],
      (held) => {
        held.parameters = z.array(z.unknown()).parse(held.parameters).slice(0, -1);
      },
    ],
    [
      'a header has another pattern',
      ['components', 'parameters', 'WebhookTimestamp', 'schema'],
      having('pattern', '^[0-9]{13}$'),
    ],
    [
      'two signatures are not allowed',
      ['components', 'parameters', 'WebhookSignature', 'schema'],
      having('pattern', '^v1,[A-Za-z0-9+/]{43}=$'),
    ],
    [
      'the stored event is not described',
      ['webhooks', 'approvalChanged', 'post', 'responses'],
      without('200'),
    ],
  ])('%s', (_what, place, change) => {
    const document = readDocument();
    change(at(document, place));
    expect(problemsOf(describedBy(document))).not.toEqual([]);
  });
});

/** Returns the object itself at a place, not a copy. */
const heldSchema = z.custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null);

const at = (document: unknown, place: string[]): Record<string, unknown> =>
  place.reduce((held, key) => heldSchema.parse(held[key]), heldSchema.parse(document));
