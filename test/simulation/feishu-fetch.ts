import * as z from 'zod';
import type { Tenant } from '../../infra/local/simulators/feishu/tenant.ts';
import { CALL_TIMEOUT_MS } from '../../shared/feishu/http-instance.ts';
import type { CallInterceptor } from './call-interceptor.ts';

const instanceSchema = z.object({ data: z.object({ instance_code: z.string(), status: z.string() }) });

/** Returns a `fetch` to the simulated Feishu, without a network: it answers, resets the connection, or times out. */
export function createFeishuFetch(parts: {
  tenant: Tenant;
  interceptor: CallInterceptor;
  /** Lets virtual time pass. */
  sleep: (milliseconds: number) => Promise<void>;
  /** Called when this run cancels an instance that it did not see open just before (docs/lessons.md 6). */
  onCancelWithoutLook: (instanceCode: string) => void;
  /** Called when a cancel closes an open instance. */
  onCanceled: (instanceCode: string) => void;
}): typeof fetch {
  const { tenant, interceptor, sleep, onCancelWithoutLook, onCanceled } = parts;
  const statusOf = (code: string | undefined) => tenant.world.instances.get(code ?? '')?.status;

  async function call(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const body = typeof init.body === 'string' ? init.body : '';
    let canceling: string | undefined;
    if (url.pathname.endsWith('/instances/cancel')) {
      const { instance_code: code } = JSON.parse(body);
      if (statusOf(code) === 'PENDING') canceling = code;
      if (!interceptor.currentRun()?.seenOpen.has(code)) onCancelWithoutLook(code);
    }
    const outcome = tenant.gateway.handle({
      method: init.method ?? 'GET',
      path: url.pathname.slice('/open-apis'.length),
      query: url.searchParams,
      authorization: headers.get('authorization') ?? undefined,
      contentType: headers.get('content-type') ?? undefined,
      body,
    });
    if (canceling !== undefined && statusOf(canceling) === 'CANCELED') onCanceled(canceling);
    switch (outcome.kind) {
      case 'RESET':
        throw new TypeError('fetch failed');
      case 'HANG':
        await sleep(CALL_TIMEOUT_MS);
        throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      case 'ANSWER':
        if (/\/instances\/[^/]+$/.test(url.pathname) && outcome.status === 200) storeIfOpen(outcome.body);
        if (outcome.afterMs > 0) await sleep(Math.min(outcome.afterMs, CALL_TIMEOUT_MS));
        if (outcome.afterMs > CALL_TIMEOUT_MS) throw new DOMException('', 'TimeoutError');
        return new Response(outcome.body, { status: outcome.status, headers: outcome.headers });
      default:
        return outcome satisfies never;
    }
  }

  /** Stores that this run saw an instance open. */
  function storeIfOpen(answer: string) {
    const { data } = instanceSchema.safeParse(JSON.parse(answer));
    if (data?.data.status === 'PENDING') interceptor.currentRun()?.seenOpen.add(data.data.instance_code);
  }

  return (input, init = {}) => {
    const url = new URL(String(input));
    return interceptor.intercept(
      { name: `Feishu ${init.method ?? 'GET'} ${url.pathname}`, kind: 'WRITE' },
      () => call(url, init),
    );
  };
}
