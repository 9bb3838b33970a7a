import { describe, expect, it } from 'vitest';
import type { OaFault } from '../../../infra/local/simulators/oa/faults.ts';
import { anOa, answered, aRequest, shown } from './an-oa.ts';

const BOARD = 'board@example.com';

describe('an OA that misbehaves', () => {
  it.each<[OaFault, string]>([
    [{ kind: 'HANG' }, 'HANG'],
    [{ kind: 'RESET_BEFORE' }, 'RESET'],
  ])('with %j does %s and carries nothing out', (fault, outcome) => {
    const oa = anOa();
    oa.control.misbehave(fault);
    expect(oa.post(aRequest())).toEqual({ kind: outcome });
    expect(oa.approvals.size).toBe(0);
  });

  it('with RESET_AFTER has carried it out; the repeat gets the same approval', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'RESET_AFTER', times: 1 });
    expect(oa.post(aRequest())).toEqual({ kind: 'RESET' });
    const [lost] = oa.approvals.values();
    expect(shown(oa.post(aRequest()))).toEqual({ httpStatus: 200, id: lost?.id, status: 'PENDING' });
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('with STATUS, carried out: %s, says any status and holds %i approvals', (carriedOut, size) => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'STATUS', status: 503, carriedOut });
    expect(shown(oa.post(aRequest())).httpStatus).toBe(503);
    expect(oa.approvals.size).toBe(size);
  });

  it('with STATUS 429 says when to come back', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'STATUS', status: 429, retryAfterSeconds: 7 });
    expect(answered(oa.post(aRequest())).headers).toMatchObject({ 'retry-after': '7' });
  });

  it('with BAD_BODY answers what is not JSON, having carried it out', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'BAD_BODY' });
    const { status, body } = answered(oa.post(aRequest()));
    expect(status).toBe(201);
    expect(() => JSON.parse(body)).toThrow(SyntaxError);
    expect(oa.approvals.size).toBe(1);
  });

  it('with BAD_BODY of another shape answers JSON without id and status', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'BAD_BODY', as: 'OTHER_SHAPE' });
    expect(JSON.parse(answered(oa.post(aRequest())).body)).toEqual({ result: 'ok' });
  });

  it('with UNKNOWN_STATUS says a word that is none of the list, and no refusal becomes one', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.approve(id, BOARD);
    oa.control.misbehave({ kind: 'UNKNOWN_STATUS' });
    expect(oa.get(id)).toMatchObject({ httpStatus: 200, id, status: 'IN_REVIEW' });
    expect(oa.get('CHG-none')).not.toHaveProperty('status');
  });

  it('with REDIRECT sends the caller elsewhere and carries nothing out', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'REDIRECT', to: 'http://169.254.169.254/' });
    expect(answered(oa.post(aRequest()))).toMatchObject({
      status: 302,
      headers: { location: 'http://169.254.169.254/' },
    });
    expect(oa.approvals.size).toBe(0);
  });

  it('with HUGE_ANSWER gives a right answer of more than 64 KiB', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'HUGE_ANSWER' });
    const { body } = answered(oa.post(aRequest()));
    expect(Buffer.byteLength(body)).toBeGreaterThan(64 * 1024);
    expect(JSON.parse(body)).toMatchObject({ status: 'PENDING' });
  });

  it('with SLOW says after how long it answers', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'SLOW', ms: 9_000 });
    expect(answered(oa.post(aRequest())).afterMs).toBe(9_000);
  });

  it('with STALE_READ tells the state before the last act, and counts only reads where that differs', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.misbehave({ kind: 'STALE_READ', times: 1 });
    expect(oa.get(id).status).toBe('PENDING');
    oa.control.approve(id, BOARD);
    expect(oa.get(id)).toEqual({ httpStatus: 200, id, status: 'PENDING' });
    expect(oa.get(id)).toMatchObject({ status: 'APPROVED', decidedBy: BOARD });
  });
});

describe('a switch', () => {
  it('concerns only calls of the method that it names', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'STATUS', status: 500, on: 'GET' });
    const id = oa.open();
    expect(oa.get(id).httpStatus).toBe(500);
    expect(oa.cancel(id).httpStatus).toBe(200);
  });

  it('ends after its times', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.misbehave({ kind: 'STATUS', status: 500, times: 2 });
    expect([oa.get(id), oa.get(id), oa.get(id)].map(({ httpStatus }) => httpStatus)).toEqual([500, 500, 200]);
    expect(oa.control.faults()).toEqual([]);
  });

  it('stands until the OA is told to behave', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.misbehave({ kind: 'HANG' });
    expect(oa.call('GET', `/approval/${id}`)).toEqual({ kind: 'HANG' });
    expect(oa.control.faults()).toEqual([{ kind: 'HANG' }]);
    oa.control.behave();
    expect(oa.get(id).httpStatus).toBe(200);
  });

  it('is refused when it is none', () => {
    expect(() => anOa().control.misbehave({ kind: 'STATUS', status: 99 })).toThrow();
  });
});
