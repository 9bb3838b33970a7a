import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runInvocation } from '../../../shared/runtime/invocation.ts';
import { aCore, type Core, ISSUE } from '../../support/core.ts';
import { anIssue } from '../../support/issue.ts';
import { useDatabase } from '../../support/use-core.ts';

/** A call of the core takes 3 seconds at most, so all that a create without an answer leads to would take 12. */
const LEFT_MS = 13_000;
/** Kept for storing what happened. */
const KEPT_MS = 3_000;

const database = useDatabase();
let core: Core;
/** Which calls hang until their time-out, and how many did. The clock of the core passes meanwhile. */
let hangs: RegExp | undefined;
let hung: string[];

beforeEach(async () => {
  hangs = undefined;
  hung = [];
  const timeouts = new WeakMap<AbortSignal, number>();
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    const { signal } = new AbortController();
    timeouts.set(signal, milliseconds);
    return signal;
  });
  const realFetch = fetch;
  vi.stubGlobal('fetch', async (url: string, { signal, ...request }: RequestInit) => {
    const call = `${request.method} ${url}`;
    if (!hangs?.test(call) || !signal) return realFetch(url, request);
    hung.push(call);
    await core.clock.advance(timeouts.get(signal) ?? 0);
    throw new DOMException('too late', 'TimeoutError');
  });
  core = await aCore(database());
});
afterEach(async () => {
  await core.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const runUntilDeadline = (leftMilliseconds = LEFT_MS) =>
  runInvocation({ endsAt: core.clock.now() + leftMilliseconds }, () => core.run(ISSUE));

it('ends with its set-back stored before Lambda ends it, when every call of Feishu hangs', async () => {
  await core.put(anIssue());
  hangs = /\/approval\/v4\/instances/;
  const end = core.clock.now() + LEFT_MS;

  await runUntilDeadline();

  expect(core.clock.now()).toBeLessThanOrEqual(end - KEPT_MS);
  expect(hung.length).toBeGreaterThan(2);
  expect(await core.rounds(ISSUE)).toMatchObject([
    { state: 'REQUESTED', attempted: true, setbacks: 1, error: { code: 'FEISHU_UNAVAILABLE' } },
  ]);
});

it('makes no call when too little time is left, and the request is sent once later', async () => {
  await core.put(anIssue());
  hangs = /./;

  await runUntilDeadline(KEPT_MS + 500);

  expect(hung).toEqual([]);
  expect(await core.rounds(ISSUE)).toMatchObject([{ state: 'REQUESTED', setbacks: 1 }]);

  hangs = undefined;
  await core.clock.advance(5 * 60_000);
  await core.run(ISSUE, { kind: 'DUE', issueId: ISSUE, approvalIds: [] });
  expect(core.pending()).toHaveLength(1);
});
