import { describe, expect, it } from 'vitest';
import type { OaFault } from '../../../infra/local/simulators/oa/faults.ts';
import { anOa, answered, aRequest, shown } from './an-oa.ts';

const BOARD = 'board@example.com';

describe('an OA with faults', () => {
  it.each<[OaFault, string]>([
    [{ kind: 'HANG' }, 'HANG'],
    [{ kind: 'RESET_BEFORE' }, 'RESET'],
  ])('with %j does %s and carries nothing out', (fault, outcome) => {
    const oa = anOa();
    oa.control.misbehave(fault);
    expect(oa.post(aRequest())).toEqual({ kind: outcome });
    expect(oa.approvals.size).toBe(0);
  });

  it('carries out with RESET_AFTER; the repeat gets the same approval', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'RESET_AFTER', times: 1 });
    expect(oa.post(aRequest())).toEqual({ kind: 'RESET' });
    const [lost] = oa.approvals.values();
    expect(shown(oa.post(aRequest()))).toEqual({ httpStatus: 200, id: lost?.id, status: 'PENDING' });
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('returns any status with STATUS (carried out: %s) and has %i approvals', (carriedOut, size) => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'STATUS', status: 503, carriedOut });
    expect(shown(oa.post(aRequest())).httpStatus).toBe(503);
    expect(oa.approvals.size).toBe(size);
  });

  it('says with STATUS 429 when to try again', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'STATUS', status: 429, retryAfterSeconds: 7 });
    expect(answered(oa.post(aRequest())).headers).toMatchObject({ 'retry-after': '7' });
  });

  it('carries out with BAD_BODY and returns a body that is not JSON', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'BAD_BODY' });
    const { status, body } = answered(oa.post(aRequest()));
    expect(status).toBe(201);
    expect(() => JSON.parse(body)).toThrow(SyntaxError);
    expect(oa.approvals.size).toBe(1);
  });

  it('returns with BAD_BODY of another shape JSON without id and status', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'BAD_BODY', as: 'OTHER_SHAPE' });
    expect(JSON.parse(answered(oa.post(aRequest())).body)).toEqual({ result: 'ok' });
  });

  it('returns an unknown status with UNKNOWN_STATUS, but does not change a refusal', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.approve(id, BOARD);
    oa.control.misbehave({ kind: 'UNKNOWN_STATUS' });
    expect(oa.get(id)).toMatchObject({ httpStatus: 200, id, status: 'IN_REVIEW' });
    expect(oa.get('CHG-none')).not.toHaveProperty('status');
  });

  it('redirects with REDIRECT and carries nothing out', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'REDIRECT', to: 'http://169.254.169.254/' });
    expect(answered(oa.post(aRequest()))).toMatchObject({
      status: 302,
      headers: { location: 'http://169.254.169.254/' },
    });
    expect(oa.approvals.size).toBe(0);
  });

  it('returns a correct answer of more than 64 KiB with HUGE_ANSWER', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'HUGE_ANSWER' });
    const { body } = answered(oa.post(aRequest()));
    expect(Buffer.byteLength(body)).toBeGreaterThan(64 * 1024);
    expect(JSON.parse(body)).toMatchObject({ status: 'PENDING' });
  });

  it('answers after the given time with SLOW', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'SLOW', ms: 9_000 });
    expect(answered(oa.post(aRequest())).afterMs).toBe(9_000);
  });

  it('returns the state before the last act with STALE_READ, and counts only reads where it differs', () => {
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
  it('applies only to calls of its method', () => {
    const oa = anOa();
    oa.control.misbehave({ kind: 'STATUS', status: 500, on: 'GET' });
    const id = oa.open();
    expect(oa.get(id).httpStatus).toBe(500);
    expect(oa.cancel(id).httpStatus).toBe(200);
  });

  it('ends after the given number of times', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.misbehave({ kind: 'STATUS', status: 500, times: 2 });
    expect([oa.get(id), oa.get(id), oa.get(id)].map(({ httpStatus }) => httpStatus)).toEqual([500, 500, 200]);
    expect(oa.control.faults()).toEqual([]);
  });

  it('applies until it is cleared', () => {
    const oa = anOa();
    const id = oa.open();
    oa.control.misbehave({ kind: 'HANG' });
    expect(oa.call('GET', `/approval/${id}`)).toEqual({ kind: 'HANG' });
    expect(oa.control.faults()).toEqual([{ kind: 'HANG' }]);
    oa.control.behave();
    expect(oa.get(id).httpStatus).toBe(200);
  });

  it('is refused if it is invalid', () => {
    expect(() => anOa().control.misbehave({ kind: 'STATUS', status: 99 })).toThrow();
  });
});
