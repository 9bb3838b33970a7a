import { onTestFinished } from 'vitest';
import * as z from 'zod';
import type { OaEvent } from '../../../infra/local/simulators/oa/events.ts';
import type { OaAnswer, OaOutcome } from '../../../infra/local/simulators/oa/gateway.ts';
import { createOa } from '../../../infra/local/simulators/oa/oa.ts';
import type { ApprovalRequest } from '../../../infra/local/simulators/oa/wire.ts';
import { aClock } from '../../support/clock.ts';
import { declareStatements } from '../../support/secrets.ts';

/** The body of `POST /approval`, with one stage of one task. */
export function aRequest(changes: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const request = {
    approvalId: 'a1',
    issueId: 'issue-1',
    url: 'https://frabit.example.com/issue-1',
    title: 'Add loyalty points',
    description: null,
    project: 'web-shop',
    creator: { email: 'dev@example.com', name: 'Dana Dev' },
    assignee: null,
    createTime: '2026-03-01T08:00:00.000Z',
    step: { stepId: 'oa', title: 'Change board' },
    stages: [
      {
        stageId: 'test',
        title: 'Test',
        environment: null,
        tasks: [
          {
            taskId: 't1',
            title: 'Add the balance',
            type: 'DDL',
            instance: 'mysql-test',
            database: 'customers',
            statement: 'ALTER TABLE customers ADD COLUMN loyalty_points INT;',
            sha256: 'f'.repeat(64),
          },
        ],
      },
    ],
    contentSha256: 'e'.repeat(64),
    ...changes,
  };
  for (const { tasks } of request.stages) declareStatements(tasks);
  return request;
}

const shownSchema = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  decidedBy: z.string().optional(),
  comment: z.string().optional(),
  message: z.string().optional(),
});

/** An OA in memory, on a clock that stands still. Its events are collected and answered by `answerEvents`. */
export function anOa() {
  const clock = aClock();
  let ids = 0;
  const events: OaEvent[] = [];
  let answerEvents: (event: OaEvent) => number | undefined = () => 200;
  const oa = createOa({
    clock,
    nodeId: 'demo-oa',
    newId: () => {
      ids += 1;
      return String(ids);
    },
    post: async (event) => {
      events.push(event);
      return answerEvents(event);
    },
  });
  onTestFinished(oa.close);

  const call = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): OaOutcome =>
    oa.handle({
      method,
      path,
      headers,
      body: body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    });
  const ask = (...given: Parameters<typeof call>) => shown(call(...given));
  const post = (request: { approvalId?: unknown }) =>
    call('POST', '/approval', request, { 'idempotency-key': String(request.approvalId) });

  return {
    ...oa,
    clock,
    events,
    answerEvents(next: typeof answerEvents) {
      answerEvents = next;
    },
    call,
    ask,
    post,
    /** Creates a PENDING approval and returns its id. */
    open: (changes: Partial<ApprovalRequest> = {}) => shown(post(aRequest(changes))).id ?? '',
    get: (id: string) => ask('GET', `/approval/${id}`),
    cancel: (id: string, reason = 'SUPERSEDED') =>
      ask('PATCH', `/approval/${id}`, { action: 'CANCEL', reason }),
    /** Waits until the work in the background is done. */
    settle: () => clock.advance(0).then(() => new Promise<void>((done) => setImmediate(done))),
  };
}

/** The status and the JSON of an answer. */
export function shown(outcome: OaOutcome): { httpStatus: number } & z.infer<typeof shownSchema> {
  const answer = answered(outcome);
  return { httpStatus: answer.status, ...shownSchema.parse(JSON.parse(answer.body)) };
}

export function answered(outcome: OaOutcome): OaAnswer {
  if (outcome.kind !== 'ANSWER') throw new Error(`expected an answer, the OA did ${outcome.kind}`);
  return outcome;
}
