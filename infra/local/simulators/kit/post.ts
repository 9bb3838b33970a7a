import * as http from 'node:http';
import * as https from 'node:https';
import type { Clock } from './clock.ts';

interface PostAnswer {
  status: number;
  body: string;
}

/** Posts a body. Resolves to the answer, or to undefined if none came in time or the connection failed. */
export type Post = (
  url: string,
  headers: Record<string, string>,
  body: string,
  limits: { connectMs: number; totalMs: number },
) => Promise<PostAnswer | undefined>;

/** Makes a poster with its own connections, so that closing it leaves nothing behind. */
export function createPoster(clock: Clock): {
  post: Post;
  /** Whether a request waits for its answer. */
  isSending(): boolean;
  close(): void;
} {
  // If the other side has just closed a kept-alive connection, the first attempt fails and costs 15 seconds.
  const agents = {
    'http:': new http.Agent({ keepAlive: false }),
    'https:': new https.Agent({ keepAlive: false }),
  };
  const running = new Set<http.ClientRequest>();

  const post: Post = (url, headers, body, { connectMs, totalMs }) =>
    new Promise((resolve) => {
      const target = URL.parse(url);
      if (target === null) {
        resolve(undefined);
        return;
      }
      const secure = target.protocol === 'https:';
      const request = (secure ? https : http).request(target, {
        method: 'POST',
        agent: secure ? agents['https:'] : agents['http:'],
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      });
      running.add(request);
      const giveUp = () => void request.destroy();
      const cancelTotal = clock.after(totalMs, giveUp);
      const cancelConnect = clock.after(connectMs, giveUp);
      const end = (answer?: PostAnswer) => {
        cancelTotal();
        cancelConnect();
        running.delete(request);
        resolve(answer);
      };
      request.on('socket', (socket) => {
        if (!socket.connecting) cancelConnect();
        else socket.once('connect', cancelConnect);
      });
      request.on('error', () => end());
      request.on('close', () => end());
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => end());
        response.on('end', () =>
          end({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      });
      request.end(body);
    });

  return {
    post,
    isSending: () => running.size > 0,
    close() {
      for (const request of running) request.destroy();
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}
