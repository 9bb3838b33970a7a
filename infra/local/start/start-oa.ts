import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { cannotStart } from '../../command-problem.ts';
import type { Cleanup } from '../cleanup.ts';
import { OA_NODE } from '../names.ts';
import { type OaSimulator, startOaSimulator } from '../simulators/oa/server.ts';
import type { LocalConfig } from './config.ts';
import { externalEventsUrl } from './stack-outputs.ts';

export interface LocalOa {
  simulator: OaSimulator;
  signingSecret: string;
}

/** Starts the OA simulator with a new signing secret. Rejects if its port is in use and no other may be taken. */
export async function startOa({ port, elseAny }: LocalConfig['oaPort'], cleanup: Cleanup): Promise<LocalOa> {
  const signingSecret = `whsec_${randomBytes(32).toString('base64')}`;
  const simulator = await startOaSimulator({
    port,
    elseAnyPort: elseAny,
    signingSecret,
    nodeId: OA_NODE.nodeId,
  });
  cleanup.add(() => simulator.close());
  return { simulator, signingSecret };
}

const answerSchema = z.object({ message: z.string().optional() });

/** Does what two operators do: tells the OA where to send events, and saves it as a node through the HTTP front. */
export async function registerOa(oa: LocalOa, frontUrl: string, asNode: boolean): Promise<void> {
  const { simulator, signingSecret } = oa;
  simulator.control.setEventsUrl(externalEventsUrl(frontUrl, OA_NODE.nodeId));
  if (!asNode) return;
  const response = await fetch(`${frontUrl}/settings/external-approvals/${OA_NODE.nodeId}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: OA_NODE.title, endpoint: simulator.url, signingSecret }),
  });
  if (response.ok) return;
  const { data } = answerSchema.safeParse(await response.json().catch(() => undefined));
  throw cannotStart(
    `The OA simulator could not be saved as an external node: ${data?.message ?? `HTTP ${response.status}`}`,
  );
}
