import { createHash } from 'node:crypto';
import type { WorkQueue } from '../../shared/approval/plan/hint.ts';
import type { Pointer } from '../../shared/approval/store/pointers.ts';
import { type SignedRequest, type Verification, verifyRequest } from '../../shared/external/signatures.ts';
import { oaEventSchema } from '../../shared/external/wire.ts';
import { MAX_BODY_BYTES } from '../../shared/runtime/http.ts';
import { note, runAbout } from '../../shared/runtime/invocation.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { Counter } from '../../shared/runtime/metrics.ts';
import { reportFailure } from '../../shared/runtime/observed.ts';
import { safeParse } from '../../shared/runtime/safe-parse.ts';
import type { SecretReader } from '../../shared/runtime/secret-reader.ts';
import { within } from '../../shared/runtime/with-timeout.ts';
import type { ExternalNode } from '../../shared/settings/external-nodes.ts';
import { type ExternalSecret, signingSecretsOf } from '../../shared/settings/external-secret.ts';

/** The same time as for Feishu: an OA has time limits, too. */
const ANSWER_WITHIN_MS = 2_500;

export interface ReceiveDependencies {
  /** Strongly consistent. */
  readNode: (nodeId: string) => Promise<ExternalNode | undefined>;
  secrets: Pick<SecretReader<ExternalSecret>, 'current' | 'refresh'>;
  /** Returns undefined if the approval is not ours, or this node was not asked for it. */
  findApproval: (approvalId: string, nodeId: string) => Promise<Pointer | undefined>;
  queue: WorkQueue;
  now: () => Date;
  answerWithinMs?: number;
  counter: Counter;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface ExternalEventRequest extends SignedRequest {
  nodeId: string;
}

/** What becomes of a request; `answerOf` maps it to an answer. */
export interface ReceiveResult {
  kind: 'STORED' | 'IGNORED' | 'BAD_REQUEST' | 'UNAUTHORIZED' | 'UNKNOWN_NODE' | 'TOO_LARGE' | 'UNAVAILABLE';
}

/**
 * Verifies an event of an OA and stores it as a hint on the work queue (docs/contract.md 5). Checks size, node,
 * signature and form, in this order. Never rejects: UNAVAILABLE makes the OA send the event again.
 */
export async function receiveExternalEvent(
  request: ExternalEventRequest,
  dependencies: ReceiveDependencies,
): Promise<ReceiveResult> {
  const { counter, now, answerWithinMs = ANSWER_WITHIN_MS } = dependencies;
  if (request.body.byteLength > MAX_BODY_BYTES) return refuse('TOO_LARGE', 'TOO_LARGE', dependencies);
  return runAbout(
    {},
    async () => {
      try {
        return await within(
          answerWithinMs,
          receive(request, dependencies),
          'Storing the event took too long.',
        );
      } catch (error) {
        counter.count('WebhookUnavailable');
        reportFailure('storing an OA event failed', error, dependencies);
        return { kind: 'UNAVAILABLE' };
      }
    },
    { kind: 'EVENT', at: now().getTime() },
  );
}

async function receive(
  request: ExternalEventRequest,
  dependencies: ReceiveDependencies,
): Promise<ReceiveResult> {
  const node = await dependencies.readNode(request.nodeId);
  if (!node) return refuse('UNKNOWN_NODE', 'UNKNOWN_NODE', dependencies);
  // Not before: anybody can send any text as the id of a node.
  note({ nodeId: node.nodeId });
  const verified = await verify(request, node, dependencies);
  if (verified.kind === 'REFUSED') return refuse('UNAUTHORIZED', verified.reason, dependencies);
  const event = safeParse(oaEventSchema, parseJson(request.body));
  if (!event.success) return refuse('BAD_REQUEST', 'MALFORMED', dependencies);
  return store(event.data, { nodeId: node.nodeId, messageId: verified.messageId }, dependencies);
}

/**
 * A wrong signature may come from a new secret: reads the secrets again, at once after a save of the node, else at most
 * once a minute (docs/lessons.md 17).
 */
async function verify(
  request: ExternalEventRequest,
  { nodeId, revision }: ExternalNode,
  { secrets, now }: ReceiveDependencies,
): Promise<Verification> {
  const tryWith = (secret: ExternalSecret) =>
    verifyRequest(request, signingSecretsOf(secret, { nodeId, revision }, now()), now());
  const first = tryWith(await secrets.current());
  if (first.kind === 'VERIFIED' || first.reason !== 'FORGED') return first;
  await secrets.refresh({ of: nodeId, revision });
  return tryWith(await secrets.current());
}

async function store(
  { approvalId }: { approvalId: string },
  { nodeId, messageId }: { nodeId: string; messageId: string },
  { findApproval, queue, counter, logger }: ReceiveDependencies,
): Promise<ReceiveResult> {
  const eventId = sha256(JSON.stringify([nodeId, messageId, approvalId]));
  note({ eventId, correlationId: eventId });
  const pointer = await findApproval(approvalId, nodeId);
  if (!pointer) {
    counter.count('WebhookIgnored');
    logger.info('OA event of an approval that this node does not decide');
    return { kind: 'IGNORED' };
  }
  note(pointer);
  await queue.send({ kind: 'EXTERNAL_EVENT', ...pointer, nodeId, eventId }, eventId);
  counter.count('WebhookStored');
  logger.info('OA event stored');
  return { kind: 'STORED' };
}

function refuse(
  kind: ReceiveResult['kind'],
  reason: string,
  { counter, logger }: ReceiveDependencies,
): ReceiveResult {
  counter.countBy('WebhookRefused', `OA_${reason}`);
  logger.warn('OA event refused', { reason });
  return { kind };
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
