import { randomUUID } from 'node:crypto';
import type { Oa } from '../../infra/local/simulators/oa/oa.ts';
import { createOaGateway } from '../../shared/external/client.ts';
import type { OaGateway } from '../../shared/external/gateway.ts';
import { MAX_ANSWER_BYTES, type Transport, TransportError } from '../../shared/external/transport.ts';
import type { ExternalNode } from '../../shared/settings/external-nodes.ts';
import { externalNodeKey } from '../../shared/tables/approval-keys.ts';

/** Connects the product's OA client to the simulated OA without a network. */

export const NODE: ExternalNode = {
  nodeId: 'oa',
  title: 'Change board',
  endpoint: 'https://oa.invalid',
  revision: 1,
};
export const nodeItem = (node: ExternalNode = NODE) => ({ ...externalNodeKey(node.nodeId), ...node });

export const OA_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Returns a transport that calls the OA directly. `sleep` lets the time of the answer pass. */
export function transportTo(oa: Oa, sleep: (milliseconds: number) => Promise<unknown>): Transport {
  return async ({ method, url, headers, body = '', timeoutMs }) => {
    const outcome = oa.handle({ method, path: new URL(url).pathname, headers, body });
    switch (outcome.kind) {
      case 'RESET':
        throw new TransportError('UNREACHABLE', 'The OA could not be reached.');
      case 'HANG':
        await sleep(timeoutMs);
        throw new TransportError('TIMEOUT', 'The OA did not answer in time.');
      case 'ANSWER': {
        const tookMs = outcome.afterMs ?? 0;
        await sleep(Math.min(tookMs, timeoutMs));
        if (tookMs > timeoutMs) throw new TransportError('TIMEOUT', 'The OA did not answer in time.');
        if (Buffer.byteLength(outcome.body) > MAX_ANSWER_BYTES) {
          throw new TransportError('TOO_LARGE', "The OA's answer is larger than 64 KiB.", outcome.status);
        }
        return { status: outcome.status, headers: outcome.headers, body: outcome.body };
      }
      default:
        return outcome satisfies never;
    }
  };
}

export const gatewayTo = (transport: Transport, now: () => Date): OaGateway =>
  createOaGateway({
    transport,
    signingSecrets: async () => [OA_SECRET],
    refreshSecrets: async () => undefined,
    now,
    newId: randomUUID,
  });
