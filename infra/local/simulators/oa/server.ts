import { createServer } from 'node:http';
import { closeServer, listen } from '../../http.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { answerRequest, type SimulatorFront } from '../kit/http-front.ts';
import { createPoster } from '../kit/post.ts';
import { controlRoutes } from './control-routes.ts';
import type { OaPost } from './events.ts';
import { refuse } from './gateway.ts';
import { createOa, type Oa, type OaControl } from './oa.ts';
import { createSignatures } from './signatures.ts';

interface OaSimulatorOptions {
  /** 0, the default: a free one. */
  port?: number;
  /** Takes a free port if this one is in use. */
  elseAnyPort?: boolean;
  /** Base64, with or without the prefix `whsec_`. Timestamps are compared with the time of this machine. */
  signingSecret: string;
  /** Default: `demo-oa`. */
  nodeId?: string;
  clock?: Clock;
  newId?: () => string;
}

export interface OaSimulator {
  /** The node's endpoint, and the inbox, without a trailing slash. */
  url: string;
  port: number;
  nodeId: string;
  approvals: Oa['approvals'];
  control: OaControl & {
    /** Sets where events go; none are sent before. */
    setEventsUrl(url: string | undefined): void;
  };
  /** Whether an event waits for its answer. */
  isSending(): boolean;
  /** Ends all connections and timers, also calls that hang. */
  close(): Promise<void>;
}

/** How long the OA waits for the 200 of an event. */
const LIMITS = { connectMs: 2_000, totalMs: 5_000 };

const INVALID_SIGNATURE = refuse(401, 'invalid signature');

/**
 * Starts an organisation's OA system on this machine: the routes of docs/contract.md 5, signed in both directions, and
 * an inbox for the people who decide. It shares no code with the product. Rejects if the port is in use.
 */
export async function startOaSimulator(options: OaSimulatorOptions): Promise<OaSimulator> {
  const { clock = systemClock, nodeId = 'demo-oa', newId } = options;
  const signatures = createSignatures(options.signingSecret);
  const poster = createPoster(clock);
  let eventsUrl: string | undefined;

  const post: OaPost = async ({ messageId, body }) => {
    if (eventsUrl === undefined) return undefined;
    const headers = {
      'content-type': 'application/json',
      ...signatures.sign(messageId, new Date(clock.now()), body),
    };
    return (await poster.post(eventsUrl, headers, body, LIMITS))?.status;
  };
  const oa = createOa({ clock, nodeId, post, ...(newId && { newId }) });
  const setEventsUrl = (url: string | undefined) => {
    eventsUrl = url;
  };
  const front: SimulatorFront = {
    clock,
    page: new URL('page/', import.meta.url),
    isApi: (path) => /^\/approval(\/|$)/.test(path),
    callApi: (call) => (signatures.verify(call.headers, call.body) ? oa.handle(call) : INVALID_SIGNATURE),
    control: controlRoutes(oa, { get: () => eventsUrl, set: setEventsUrl }),
    errorBody: (error) => ({ message: error === 'NOT_FOUND' ? 'not found' : 'internal error' }),
  };
  const server = createServer((request, response) => void answerRequest(front, request, response));

  const port = await listen(server, options.port ?? 0).catch((error: unknown) => {
    if (!options.elseAnyPort || !isInUse(error)) throw error;
    return listen(server, 0);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    nodeId,
    approvals: oa.approvals,
    control: { ...oa.control, setEventsUrl },
    isSending: poster.isSending,
    async close() {
      oa.close();
      poster.close();
      await closeServer(server);
    },
  };
}

const isInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
