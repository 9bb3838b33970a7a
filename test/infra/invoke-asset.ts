/**
 * Runs in a fresh process, forked by `asset.ts`: imports one built function as Lambda does and invokes it once.
 * In: {file, event}; out: {ok: true, result} or {ok: false, error}.
 */
import { pathToFileURL } from 'node:url';
import * as z from 'zod';

const job = z.object({ file: z.string(), event: z.unknown() });
const lambdaModule = z.looseObject({ handler: z.custom<Handler>((value) => typeof value === 'function') });
type Handler = (event: unknown, context: object) => Promise<unknown>;

process.once('message', async (message) => {
  process.send?.(
    await invoke(message).then(
      (result) => ({ ok: true, result }),
      (error: unknown) => ({ ok: false, error: error instanceof Error ? error.stack : String(error) }),
    ),
  );
  process.disconnect();
});

async function invoke(message: unknown): Promise<unknown> {
  const { file, event } = job.parse(message);
  const { handler } = lambdaModule.parse(await import(pathToFileURL(file).href));
  const context = {
    functionName: 'asset',
    awsRequestId: '00000000-0000-0000-0000-000000000000',
    getRemainingTimeInMillis: () => 60_000,
  };
  return (await handler(event, context)) ?? null;
}
