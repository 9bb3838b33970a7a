import { createDecipheriv, createHash } from 'node:crypto';
import * as http from 'node:http';
import { onTestFinished } from 'vitest';
import * as z from 'zod';

/** A request URL that collects events and gives configured answers. */

const envelopeSchema = z.object({
  uuid: z.string(),
  ts: z.string(),
  token: z.string(),
  type: z.string(),
  event: z.looseObject({ type: z.string(), status: z.string(), instance_code: z.string() }),
});
export type ReceivedEvent = z.infer<typeof envelopeSchema>;

export interface Received {
  headers: http.IncomingHttpHeaders;
  raw: string;
}

export interface EventSink {
  url: string;
  received: Received[];
  /** How the next events are answered: with a status, or never. */
  answer(next: (received: Received) => number | 'NEVER'): void;
  /** The body of answers with 200. */
  reply(body: (received: Received) => string): void;
  open(encryptKey: string): ReceivedEvent[];
}

export async function startEventSink(): Promise<EventSink> {
  const received: Received[] = [];
  let decide: (received: Received) => number | 'NEVER' = () => 200;
  let write: (received: Received) => string = () => '{}';
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { headers: request.headers, raw: Buffer.concat(chunks).toString('utf8') };
      received.push(one);
      const answer = decide(one);
      if (answer !== 'NEVER') response.writeHead(answer).end(write(one));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${address.port}/feishu/events`,
    received,
    answer(next) {
      decide = next;
    },
    reply(body) {
      write = body;
    },
    open: (encryptKey) => received.map(({ raw }) => envelopeSchema.parse(decrypt(encryptKey, raw))),
  };
}

export function decrypt(encryptKey: string, raw: string): unknown {
  const { encrypt } = z.object({ encrypt: z.string() }).parse(JSON.parse(raw));
  const bytes = Buffer.from(encrypt, 'base64');
  const key = createHash('sha256').update(encryptKey).digest();
  const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16));
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8'));
}
