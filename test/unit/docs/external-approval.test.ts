import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { answerOf } from '../../../functions/receive-external-events/http.ts';
import type { ReceiveResult } from '../../../functions/receive-external-events/receive-external-event.ts';
import { CALL_TIMEOUT_MS } from '../../../shared/external/client.ts';
import { oaRequestOf } from '../../../shared/external/request.ts';
import { MAX_ANSWER_BYTES } from '../../../shared/external/transport.ts';
import {
  OA_STATUSES,
  oaAnswerSchema,
  oaCancelSchema,
  oaEventSchema,
  oaRequestSchema,
} from '../../../shared/external/wire.ts';
import {
  canonicalStepContent,
  externalSteps,
  stepContent,
  taskHash,
} from '../../../shared/issue/content-hash.ts';
import { parseIssueRecord } from '../../../shared/issue/record.ts';
import { MAX_BODY_BYTES } from '../../../shared/runtime/http.ts';
import { sha256 } from '../../../shared/runtime/sha256.ts';
import { declareStatement } from '../../support/secrets.ts';
import { DOCUMENT_FILE, describedBy, readDocument } from './openapi-document.ts';
import { type Shape, shapeOf } from './schema-shape.ts';

const text = readFileSync(DOCUMENT_FILE, 'utf8');
const described = describedBy(readDocument());

/** The messages to and from an OA: schema names of the document, and schemas of the code. */
const WIRE: [string, z.ZodType][] = [
  ['ApprovalRequest', oaRequestSchema],
  ['Approval', oaAnswerSchema],
  ['Cancel', oaCancelSchema],
  ['Event', oaEventSchema],
];

it('the document of external approvals is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(fileURLToPath(DOCUMENT_FILE));
  expect(errors ?? []).toEqual([]);
  expect([valid, validator.version]).toEqual([true, '3.1']);
});

describe('the schemas of the document', () => {
  const byDocument = (name: string): Shape =>
    withoutStatus(shapeOf(described.schema(name), (ref) => described.schema(ref.split('/').at(-1) ?? '')));
  const byCode = (schema: z.ZodType): Shape =>
    withoutStatus(
      shapeOf(z.toJSONSchema(schema, { io: 'input' }), (ref) => {
        throw new Error(`an unexpected reference ${ref}`);
      }),
    );
  /** The code accepts any JSON as a status. The next test compares it. */
  const withoutStatus = (shape: Shape): Shape =>
    typeof shape === 'string' || Array.isArray(shape)
      ? shape
      : Object.fromEntries(Object.entries(shape).filter(([name]) => name !== 'status'));

  it.each(WIRE)('have the same names, optional members and types as the code: %s', (name, schema) => {
    expect(byDocument(name)).toEqual(byCode(schema));
  });

  it('have the statuses of the code, and allow any other', () => {
    const schema = z
      .object({ required: z.array(z.string()), properties: z.object({ status: z.unknown() }) })
      .parse(described.schema('Approval'));
    expect(schema.required).toContain('status');
    const { anyOf } = z
      .object({ anyOf: z.array(z.object({ const: z.string().optional() })) })
      .parse(schema.properties.status);
    expect(anyOf.flatMap((one) => one.const ?? [])).toEqual([...OA_STATUSES]);
    expect(described.check('Approval', { id: 'a', status: 'IN_REVIEW' })).toEqual([]);
  });
});

describe('the examples of the document', () => {
  const examples = described.checkExamples();

  it('exist, and each is valid by its schema', () => {
    expect(examples.length).toBeGreaterThan(15);
    expect(examples.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it('of bodies are valid by the code, too', () => {
    const bodies = examples.map(({ value }) => value);
    for (const [name, schema] of WIRE) {
      const own = bodies.filter(
        (body) => typeof body === 'object' && described.check(name, body).length === 0,
      );
      expect(own.length, name).toBeGreaterThan(0);
      for (const body of own) expect(schema.safeParse(body).success, name).toBe(true);
    }
  });

  it('of a task have the right task hash', () => {
    const requests = examples.flatMap(({ value }) => oaRequestSchema.safeParse(value).data ?? []);
    const tasks = requests.flatMap(({ stages }) => stages.flatMap((stage) => stage.tasks));
    expect(tasks.length).toBeGreaterThan(1);
    for (const { sha256: shown, ...task } of tasks) {
      expect(taskHash({ ...task, status: 'PENDING' }), task.title).toBe(shown);
    }
  });

  it('of a request are what the product sends for docs/examples/issue-approval-flow.json', () => {
    const parsed = parseIssueRecord(
      JSON.parse(
        readFileSync(new URL('examples/issue-approval-flow.json', new URL('.', DOCUMENT_FILE)), 'utf8'),
      ),
    );
    if (!parsed.ok) throw new Error(parsed.message);
    const [step] = externalSteps(parsed.record);
    if (!step) throw new Error('the example has no EXTERNAL step');
    const [shown] = examples.filter(({ example }) => example === 'oneStage').map(({ value }) => value);
    const { approvalId, createTime: requestedAt } = oaRequestSchema.parse(shown);
    const contentSha256 = sha256(canonicalStepContent(stepContent(parsed.record, step)));
    expect(oaRequestOf(parsed.record, step, { approvalId, requestedAt, contentSha256 })).toEqual(shown);
  });
});

describe.each(WIRE)('a sample of %s', (name, schema) => {
  const sql = 'UPDATE sample_rates SET rate = 0.07';
  declareStatement(sql);
  const task = {
    taskId: 't',
    title: 'T',
    instance: null,
    database: null,
    statement: sql,
    sha256: 'a'.repeat(64),
  };
  const request = {
    approvalId: '5f0c9c1e-7a52-4c5c-9f0a-4a2f6d0e8b11',
    issueId: 'i',
    url: 'https://frabit.example.com/i',
    title: 'I',
    description: null,
    project: null,
    creator: { email: 'a@example.com' },
    assignee: null,
    createTime: '2026-03-01T08:00:00.000Z',
    step: { stepId: 's', title: 'S' },
    stages: [{ stageId: 'p', title: 'P', environment: null, tasks: [task] }],
    contentSha256: 'b'.repeat(64),
  };
  const { project: _, ...withoutProject } = request;
  const samples: Record<string, { good: unknown[]; bad: unknown[] }> = {
    ApprovalRequest: {
      good: [
        request,
        { ...request, stages: [{ ...request.stages[0], tasks: [{ ...task, type: 'DML' }] }] },
        { ...request, stages: [{ ...request.stages[0], tasks: [{ ...task, type: null }] }] },
        { ...request, assignee: { email: 'b@example.com', name: 'B' } },
      ],
      bad: [
        withoutProject,
        { ...request, title: null },
        { ...request, stages: [{ ...request.stages[0], tasks: [{ ...task, type: 1 }] }] },
        { ...request, stages: [{ ...request.stages[0], tasks: [{ ...task, statement: 1 }] }] },
        { ...request, stages: [{ ...request.stages[0], tasks: [{ ...task, sheet: { uri: 'u' } }] }] },
      ],
    },
    Approval: {
      good: [
        { id: 'CHG-1', status: 'PENDING' },
        { id: 'CHG-1', status: 'APPROVED', decidedBy: null, comment: 'c' },
      ],
      bad: [
        { id: '', status: 'PENDING' },
        { status: 'PENDING' },
        { id: 'CHG-1' },
        { id: 7, status: 'PENDING' },
      ],
    },
    Cancel: {
      good: [{ action: 'CANCEL', reason: 'SUPERSEDED' }],
      bad: [{ action: 'APPROVE', reason: 'SUPERSEDED' }, { action: 'CANCEL' }],
    },
    Event: { good: [{ approvalId: 'a' }], bad: [{}, { approvalId: '' }, { approvalId: 'a'.repeat(129) }] },
  };
  const { good = [], bad = [] } = samples[name] ?? {};

  it('is valid or invalid by both the document and the code', () => {
    expect(
      good.map((one) => [described.check(name, one).length === 0, schema.safeParse(one).success]),
    ).toEqual(good.map(() => [true, true]));
    expect(
      bad.map((one) => [described.check(name, one).length === 0, schema.safeParse(one).success]),
    ).toEqual(bad.map(() => [false, false]));
  });
});

describe('the answer to an event', () => {
  const KINDS = {
    STORED: 0,
    IGNORED: 0,
    BAD_REQUEST: 0,
    UNAUTHORIZED: 0,
    UNKNOWN_NODE: 0,
    TOO_LARGE: 0,
    UNAVAILABLE: 0,
  } satisfies Record<ReceiveResult['kind'], 0>;
  const kinds = z
    .array(
      z.enum([
        'STORED',
        'IGNORED',
        'BAD_REQUEST',
        'UNAUTHORIZED',
        'UNKNOWN_NODE',
        'TOO_LARGE',
        'UNAVAILABLE',
      ]),
    )
    .parse(Object.keys(KINDS));
  const answers = kinds.map((kind) => answerOf({ kind }));

  it('is described with its status and body', () => {
    for (const { statusCode = 0, body = '', headers = {} } of answers) {
      const problems = described.checkEvent({
        headers: {
          'content-type': 'application/json',
          'webhook-id': 'msg_1',
          'webhook-timestamp': '1795509000',
          'webhook-signature': `v1,${'A'.repeat(43)}=`,
        },
        body: '{"approvalId":"a"}',
        status: statusCode,
        answerHeaders: Object.fromEntries(
          Object.entries(headers).map(([key, value]) => [key.toLowerCase(), String(value)]),
        ),
        answer: body,
      });
      expect(problems).toEqual([]);
    }
  });

  it('is the only one described, besides the 429 of the gateway', () => {
    const statuses = new Set([...answers.map(({ statusCode }) => String(statusCode)), '429']);
    expect([...statuses].sort()).toEqual([...described.eventStatuses].sort());
  });
});

it('the limits in words are those of the code', () => {
  expect(text).toContain(`Answer within ${CALL_TIMEOUT_MS === 5_000 ? 'five' : '?'} seconds`);
  expect(text).toContain(`at most ${MAX_ANSWER_BYTES / 1024} KiB`);
  expect(text).toContain(`The body is larger than ${MAX_BODY_BYTES / 1024} KiB.`);
});
