import { describe, expect, it } from 'vitest';
import { ActRefused } from '../../../infra/local/simulators/kit/control-routes.ts';
import { anOa, aRequest, shown } from './an-oa.ts';

describe('POST /approval', () => {
  it('returns 201 with an id of the OA, and stores the request', () => {
    const oa = anOa();
    const answer = shown(oa.post(aRequest()));
    expect(answer).toEqual({ httpStatus: 201, id: expect.stringMatching(/^CHG-/), status: 'PENDING' });
    expect(oa.approvals.get(answer.id ?? '')).toMatchObject({
      approvalId: 'a1',
      request: aRequest(),
      status: 'PENDING',
      posts: 1,
    });
  });

  it('returns 200 with the same approval when it is repeated', () => {
    const oa = anOa();
    const id = oa.open();
    expect(shown(oa.post(aRequest()))).toEqual({ httpStatus: 200, id, status: 'PENDING' });
    expect(oa.approvals.size).toBe(1);
    expect(oa.approvals.get(id)?.posts).toBe(2);
  });

  it('treats a body with its keys in another order as the same', () => {
    const oa = anOa();
    oa.open();
    const reordered = Object.fromEntries(Object.entries(aRequest()).reverse());
    expect(shown(oa.post(reordered)).httpStatus).toBe(200);
  });

  it('returns the decision when it is repeated later', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.approve(id, 'board@example.com');
    expect(shown(oa.post(aRequest()))).toMatchObject({ httpStatus: 200, status: 'APPROVED' });
  });

  it('returns 409 for the same key with another body, and changes nothing', () => {
    const oa = anOa();
    const id = oa.open();
    expect(shown(oa.post(aRequest({ title: 'Another title' }))).httpStatus).toBe(409);
    expect(oa.approvals.get(id)?.request.title).toBe('Add loyalty points');
  });

  it.each([
    ['without the key', {}],
    ['with the key of another', { 'idempotency-key': 'a2' }],
  ])('answers 400 %s', (_what, headers) => {
    const oa = anOa();
    expect(oa.ask('POST', '/approval', aRequest(), headers).httpStatus).toBe(400);
    expect(oa.approvals.size).toBe(0);
  });

  const { title: _, ...untitled } = aRequest();
  const [stage] = aRequest().stages;
  const [task] = stage?.tasks ?? [];
  const withTask = (changes: object) => ({
    ...aRequest(),
    stages: [{ ...stage, tasks: [{ ...task, ...changes }] }],
  });
  it.each<[string, unknown, string]>([
    ['that is not JSON', '{"approvalId"', 'the body is not JSON'],
    ['without a title', untitled, 'body.title'],
    ['with a key that is not in the contract', { ...aRequest(), version: 1 }, '"version"'],
    ['with such a key on a task', withTask({ status: 'PENDING_APPROVAL' }), '"status"'],
    ['with a number for a statement', withTask({ statement: 1 }), 'body.stages.0.tasks.0.statement'],
    ['with a number for a type', withTask({ type: 1 }), 'body.stages.0.tasks.0.type'],
    ['with a task without an instance, not even null', withTask({ instance: undefined }), 'instance'],
  ])('returns 400 for a body %s, and names the place', (_what, body, said) => {
    const oa = anOa();
    const answer = oa.ask('POST', '/approval', body, { 'idempotency-key': 'a1' });
    expect(answer.httpStatus).toBe(400);
    expect(answer.message).toContain(said);
    expect(answer.message).not.toContain('ALTER');
  });

  it.each([
    ['no type', null],
    ['none at all, as an earlier version of Frabit sends it', undefined],
  ])('accepts a task of %s', (_what, type) => {
    expect(shown(anOa().post(withTask({ type }))).httpStatus).toBe(201);
  });

  it('accepts a sheet instead of a statement', () => {
    const sheet = { uri: 's3://sheets/1', sha256: 'd'.repeat(64), sizeBytes: 1, preview: 'UPDATE customers' };
    const answer = shown(anOa().post(withTask({ statement: null, sheet })));
    expect(answer.httpStatus).toBe(201);
  });
});

describe('GET /approval/{id}', () => {
  it('returns the status, who decided, and the comment', () => {
    const oa = anOa();
    const id = oa.open();
    expect(oa.get(id)).toEqual({ httpStatus: 200, id, status: 'PENDING' });
    oa.control.reject(id, 'board@example.com', 'not this week');
    expect(oa.get(id)).toEqual({
      httpStatus: 200,
      id,
      status: 'REJECTED',
      decidedBy: 'board@example.com',
      comment: 'not this week',
    });
  });

  it('returns 404 for an unknown id, and for an approvalId', () => {
    const oa = anOa();
    oa.open();
    expect(oa.get('CHG-none').httpStatus).toBe(404);
    expect(oa.get('a1').httpStatus).toBe(404);
  });

  it('returns 404 after `forget`, and a new request gets another id', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.forget();
    expect(oa.get(id).httpStatus).toBe(404);
    const again = shown(oa.post(aRequest()));
    expect(again.httpStatus).toBe(201);
    expect(again.id).not.toBe(id);
  });
});

describe('PATCH /approval/{id}', () => {
  it('withdraws a PENDING approval; GET then returns CANCELED', () => {
    const oa = anOa();
    const id = oa.open();
    expect(oa.cancel(id, 'SUPERSEDED').httpStatus).toBe(200);
    expect(oa.get(id).status).toBe('CANCELED');
    expect(oa.approvals.get(id)).toMatchObject({ canceledReason: 'SUPERSEDED' });
  });

  it('returns 200 when it is repeated, and keeps the first reason', () => {
    const oa = anOa();
    const id = oa.open();
    oa.cancel(id, 'SUPERSEDED');
    expect(oa.cancel(id, 'BELL').httpStatus).toBe(200);
    expect(oa.approvals.get(id)?.canceledReason).toBe('SUPERSEDED');
  });

  it('returns 409 for a decided approval, which does not change', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.approve(id, 'board@example.com');
    expect(oa.cancel(id).httpStatus).toBe(409);
    expect(oa.get(id).status).toBe('APPROVED');
  });

  it('returns 404 for an unknown id', () => {
    expect(anOa().cancel('CHG-none').httpStatus).toBe(404);
  });

  it.each([
    ['another action', { action: 'CLOSE', reason: 'BELL' }],
    ['no reason', { action: 'CANCEL' }],
    ['an unknown key', { action: 'CANCEL', reason: 'BELL', by: 'us' }],
  ])('returns 400 for %s', (_what, body) => {
    const oa = anOa();
    const id = oa.open();
    expect(oa.ask('PATCH', `/approval/${id}`, body).httpStatus).toBe(400);
    expect(oa.get(id).status).toBe('PENDING');
  });
});

describe('a route that is not in the contract', () => {
  it.each([
    ['GET', '/', 404],
    ['GET', '/approval/', 404],
    ['GET', '/approval/a/b', 404],
    ['GET', '/approvals/a', 404],
    ['GET', '/approval', 405],
    ['POST', '/approval/a', 405],
    ['DELETE', '/approval/a', 405],
    ['PATCH', '/approval', 405],
  ])('%s %s returns %i', (method, path, status) => {
    expect(anOa().ask(method, path).httpStatus).toBe(status);
  });
});

describe('a person in the OA', () => {
  it('decides by the OA’s id or by the approvalId', () => {
    const oa = anOa();
    const id = oa.open();
    expect(oa.control.approve('a1', 'board@example.com')).toMatchObject({
      id,
      status: 'APPROVED',
      decidedBy: 'board@example.com',
      decidedAt: oa.clock.date().toISOString(),
    });
  });

  it.each(['APPROVED', 'REJECTED', 'CANCELED'])('cannot decide an approval that is %s', (status) => {
    const oa = anOa();
    const id = oa.open();
    if (status === 'APPROVED') oa.control.approve(id, 'board@example.com');
    if (status === 'REJECTED') oa.control.reject(id, 'board@example.com');
    if (status === 'CANCELED') oa.cancel(id);
    for (const act of [oa.control.approve, oa.control.reject]) {
      expect(() => act(id, 'late@example.com')).toThrow(ActRefused);
    }
    expect(oa.get(id).status).toBe(status);
  });

  it('cannot decide an unknown approval', () => {
    expect(() => anOa().control.approve('CHG-none', 'board@example.com')).toThrow(
      expect.objectContaining({ status: 404 }),
    );
  });
});

describe('the counts', () => {
  it('are by method, and start again at zero', () => {
    const oa = anOa();
    const id = oa.open();
    oa.get(id);
    oa.get('CHG-none');
    oa.cancel(id);
    expect(oa.control.calls()).toEqual({ POST: 1, GET: 2, PATCH: 1 });
    oa.control.resetCalls();
    expect(oa.control.calls()).toEqual({ POST: 0, GET: 0, PATCH: 0 });
  });
});
