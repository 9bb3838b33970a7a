import type { SettingsCaller } from './deployment.ts';

/** Longer than API Gateway waits for an answer, which is 30 s. */
const SETTINGS_TIMEOUT_MS = 35_000;

/** Calls a settings route; `send` signs the request where that is needed. */
export async function callSettings(
  base: string,
  method: Parameters<SettingsCaller>[0],
  path: string,
  body: unknown,
  send: (url: string, init: RequestInit) => Promise<Response>,
): ReturnType<SettingsCaller> {
  const response = await send(`${base.replace(/\/+$/, '')}${path}`, {
    method,
    signal: AbortSignal.timeout(SETTINGS_TIMEOUT_MS),
    redirect: 'error',
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  return { status: response.status, body: answer };
}
