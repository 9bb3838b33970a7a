import { awsFaultOf } from '../runtime/aws-errors.ts';
import { AppError } from '../runtime/errors.ts';
import { timeForCall } from '../runtime/invocation.ts';
import type { Counter } from '../runtime/metrics.ts';
import type { ExternalNode } from '../settings/external-nodes.ts';
import { isUsableId, readApproval, refusalOf } from './answers.ts';
import { OaError } from './errors.ts';
import type { OaApproval, OaGateway } from './gateway.ts';
import { signMessage } from './signatures.ts';
import { type Transport, type TransportAnswer, TransportError, type TransportRequest } from './transport.ts';
import type { OaRequest } from './wire.ts';

/** Limit of a whole call, including the second try with new secrets (docs/contract.md 5). */
export const CALL_TIMEOUT_MS = 5_000;

export interface OaClientOptions {
  transport: Transport;
  /** Returns the signing secrets that are valid now, the current one first. Empty if the node has none. */
  signingSecrets: (node: ExternalNode) => Promise<readonly string[]>;
  /** Reads the secrets again, because the node may have been saved since. */
  refreshSecrets: (node: ExternalNode) => Promise<unknown>;
  now: () => Date;
  /** Returns a unique id, for messages that do not use the approvalId. */
  newId: () => string;
  /** Logs what does no harm. */
  log?: (message: string, about: Record<string, string>) => void;
  counter?: Pick<Counter, 'count'>;
}

/** One request. `messageId` is its `webhook-id`, which stays the same if the request is repeated. */
interface Message extends Pick<TransportRequest, 'method'> {
  path: string;
  messageId: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Calls an OA over HTTP with signed requests (docs/contract.md 5). */
export function createOaGateway(options: OaClientOptions): OaGateway {
  const { now, newId, log } = options;
  const call = (node: ExternalNode, message: Message) => exchange(node, message, options);
  /** Counts a call by how it ended. */
  const counted = async <T>(makeCall: () => Promise<T>): Promise<T> => {
    // Not counted: it says nothing about the OA.
    if (timeForCall(CALL_TIMEOUT_MS, now().getTime()) === undefined) throw noTimeLeft();
    try {
      const value = await makeCall();
      options.counter?.count('OaUnreachable', 0);
      return value;
    } catch (error) {
      const isUnreachable = error instanceof OaError && error.code === 'UNAVAILABLE';
      options.counter?.count('OaUnreachable', isUnreachable ? 1 : 0);
      // No round fails because of it, so nobody else reports it.
      if (awsFaultOf(error) === 'RIGHT_MISSING') options.counter?.count('RightMissing');
      throw error;
    } finally {
      options.counter?.count('OaCall');
    }
  };

  const read = (node: ExternalNode, answer: TransportAnswer): OaApproval => {
    const { approval, unknownStatus } = readApproval(answer);
    if (unknownStatus !== undefined) {
      log?.('unknown status from an OA counts as PENDING', {
        nodeId: node.nodeId,
        status: unknownStatus,
      });
    }
    return approval;
  };

  const gateway: OaGateway = {
    async create(node, request: OaRequest) {
      const { approvalId } = request;
      const answer = await call(node, {
        method: 'POST',
        path: '/approval',
        messageId: `create-${approvalId}`,
        body: request,
        headers: { 'idempotency-key': approvalId },
      });
      // A proxy in front of an OA that is down may answer 404 too, so 404 is not a refusal.
      if (isRefused(answer) && !isUnknown(answer)) throw refused(answer, 'The OA refuses the request');
      if (!isRead(answer)) throw refusalOf(answer, now());
      return read(node, answer);
    },

    async read(node, id) {
      const answer = await call(node, { method: 'GET', path: pathOf(id), messageId: `read-${newId()}` });
      if (isUnknown(answer)) return undefined;
      if (!isRead(answer)) throw refusalOf(answer, now());
      const approval = read(node, answer);
      if (approval.id !== id) {
        throw new OaError('UNAVAILABLE', 'The OA answered with another approval.', {
          httpStatus: answer.status,
        });
      }
      return approval;
    },

    async cancel(node, id, { approvalId, reason }) {
      const answer = await call(node, {
        method: 'PATCH',
        path: pathOf(id),
        messageId: `cancel-${approvalId}`,
        body: { action: 'CANCEL', reason },
      });
      const { status } = answer;
      if (status >= 200 && status < 300) return 'TAKEN_BACK';
      if (isUnknown(answer)) return 'UNKNOWN';
      if (isRefused(answer)) throw refused(answer, 'The OA refuses to withdraw the approval');
      throw refusalOf(answer, now());
    },
  };
  return {
    create: (...call) => counted(() => gateway.create(...call)),
    read: (...call) => counted(() => gateway.read(...call)),
    cancel: (...call) => counted(() => gateway.cancel(...call)),
  };
}

/** Statuses that are not about the approval: an invalid signature, a timeout, too many calls. */
const NOT_ABOUT_APPROVAL: ReadonlySet<number> = new Set([401, 403, 408, 429]);

const isRefused = ({ status }: TransportAnswer): boolean =>
  status >= 400 && status < 500 && !NOT_ABOUT_APPROVAL.has(status);

const refused = ({ status }: TransportAnswer, sentence: string): OaError =>
  new OaError('REFUSED', `${sentence} (HTTP ${status}).`, { httpStatus: status });

const isRead = ({ status }: TransportAnswer): boolean => status === 200 || status === 201;
const isUnknown = ({ status }: TransportAnswer): boolean => status === 404 || status === 410;

function pathOf(id: string): string {
  // Such an id is never taken from an answer.
  if (!isUsableId(id)) throw new OaError('UNAVAILABLE', 'The id of the approval cannot be used in a URL.');
  return `/approval/${encodeURIComponent(id)}`;
}

/** The error of a call that was not made, because Lambda would end the function during it. */
const noTimeLeft = (): OaError => new OaError('UNAVAILABLE', 'Too little time was left to call the OA.');

/** Sends a message. After a refused signature it tries once more with new secrets, within the same time limit. */
async function exchange(
  node: ExternalNode,
  message: Message,
  options: OaClientOptions,
): Promise<TransportAnswer> {
  const { now, signingSecrets, refreshSecrets } = options;
  const begun = now().getTime();
  const until = begun + (timeForCall(CALL_TIMEOUT_MS, begun) ?? 0);
  const secretsNow = () => orOaError(() => signingSecrets(node));
  const readAfresh = async () => {
    await orOaError(() => refreshSecrets(node));
    return secretsNow();
  };
  const known = await secretsNow();
  const secrets = known.length > 0 ? known : await readAfresh();
  const first = await send(node, message, secrets, until, options);
  if (first.status !== 401 && first.status !== 403) return first;
  const fresh = await readAfresh();
  const areNew = fresh.length > 0 && fresh.join(' ') !== secrets.join(' ');
  return areNew && now().getTime() < until ? send(node, message, fresh, until, options) : first;
}

async function send(
  node: ExternalNode,
  { method, path, messageId, body, headers }: Message,
  secrets: readonly string[],
  until: number,
  { transport, now }: OaClientOptions,
): Promise<TransportAnswer> {
  const at = now();
  const text = body === undefined ? '' : JSON.stringify(body);
  const signature = signMessage(secrets, { id: messageId, at, body: text });
  if (!signature) {
    throw new OaError('SETUP', 'The external node has no signing secret. Save the node again.');
  }
  return orOaError(() =>
    transport({
      method,
      url: `${node.endpoint}${path}`,
      headers: {
        accept: 'application/json',
        'user-agent': 'frabit-im-approval',
        ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
        ...headers,
        ...signature,
      },
      ...(body !== undefined && { body: text }),
      timeoutMs: Math.max(until - at.getTime(), 1),
    }),
  );
}

/** Turns every error of a call into an `OaError`. */
async function orOaError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TransportError) {
      throw new OaError('UNAVAILABLE', error.message, { httpStatus: error.httpStatus });
    }
    if (error instanceof AppError) {
      throw new OaError(error.retryable ? 'UNAVAILABLE' : 'SETUP', error.message, { cause: error });
    }
    throw new OaError('UNAVAILABLE', 'The OA could not be reached.', { cause: error });
  }
}
