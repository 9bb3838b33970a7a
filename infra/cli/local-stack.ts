import * as z from 'zod';
import { createClients } from './aws-clients.ts';
import { callSettings } from './call-settings.ts';
import type { Deployment } from './deployment.ts';
import type { CliIo } from './io.ts';
import { outputOf, outputsSchema } from './outputs.ts';
import { outOfReach } from './problem.ts';

const ANSWERS_WITHIN_MS = 5_000;

/** The answer of `GET /stack` of the local stack. */
const localStackSchema = z.object({
  outputs: outputsSchema,
  endpoints: z.object({ dynamodb: z.url(), sqs: z.url(), s3: z.url(), lambda: z.url() }),
  region: z.string().min(1),
  logFile: z.string().min(1).optional(),
});

/** The local endpoints accept any key. */
const ANY_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Finds the stack of `npm start` by the URL of its console. */
export async function findLocalStack(url: string, { fetch }: Pick<CliIo, 'fetch'>): Promise<Deployment> {
  const where = `the local stack at ${url}`;
  const { outputs, endpoints, region, logFile } = await askStack(url, where, fetch);
  return {
    ...createClients({ region, credentials: ANY_CREDENTIALS }, endpoints),
    logs: { kind: 'FILE', path: logFile },
    where,
    outputs,
    output: (key) => outputOf(where, outputs, key),
    settings: (method, path, body) =>
      callSettings(outputOf(where, outputs, 'SettingsUrl'), method, path, body, fetch),
  };
}

async function askStack(
  url: string,
  where: string,
  fetch: CliIo['fetch'],
): Promise<z.infer<typeof localStackSchema>> {
  let answer: unknown;
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/stack`, {
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
    answer = await response.json().catch(() => undefined);
  } catch (cause) {
    throw outOfReach(
      'NO_LOCAL_STACK',
      `${where} does not answer: run npm start, or give its address after --local.`,
      cause,
    );
  }
  const parseAnswer = localStackSchema.safeParse(answer);
  if (parseAnswer.success) return parseAnswer.data;
  throw outOfReach(
    'NO_LOCAL_STACK',
    `${url} does not answer as a local stack that is ready: wait for npm start, or give its address after --local.`,
  );
}
