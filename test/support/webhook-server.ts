import * as http from 'node:http';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { expect, vi } from 'vitest';
import { findIssue } from '../../functions/receive-feishu-events/find-issue.ts';
import { answerOf } from '../../functions/receive-feishu-events/http.ts';
import {
  type ReceiveDependencies,
  receiveFeishuEvent,
} from '../../functions/receive-feishu-events/receive-feishu-event.ts';
import type { Hint } from '../../shared/approval/plan/hint.ts';
import type { Core } from './core.ts';
import { aCounter } from './counter.ts';
import { aLog } from './log.ts';
import { deliver } from './sweep-over-time.ts';

/**
 * A server with the product's webhook, to which the simulated Feishu sends its events. A test decides when the
 * resulting hints are handled.
 */
export interface WebhookServer {
  /** Waits until Feishu has sent all events, and handles the hints. Returns the statuses in them. */
  handleAll(): Promise<string[]>;
  /** Waits until this number of requests was refused. */
  refused(times: number): Promise<void>;
  /** If false, the queue fails and events are refused with 503. */
  storing: boolean;
  close(): Promise<void>;
}

export async function aWebhookServer(core: Core, documents: DynamoDBDocumentClient): Promise<WebhookServer> {
  const hints: Hint[] = [];
  const { control, app } = core.simulator;
  const dependencies: ReceiveDependencies = {
    secrets: {
      candidates: async () => [{ stage: 'AWSCURRENT', secret: { apps: { [app.appId]: app } } }],
      refresh: async () => false,
    },
    findIssue: (event) => findIssue(event, { documents, tableName: core.tables.approvalTableName }),
    readRevision: async () => undefined,
    webhookLog: { record: async () => {}, recordTestEvent: async () => {} },
    queue: {
      async send(hint) {
        if (!webhook.storing) throw new Error('the queue is down');
        hints.push(hint);
      },
    },
    now: core.clock.date,
    counter: aCounter(),
    logger: aLog(),
  };
  let refusals = 0;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const answer = answerOf(
        await receiveFeishuEvent({ headers, body: Buffer.concat(chunks) }, dependencies),
      );
      if (answer.statusCode !== 200) refusals++;
      response.writeHead(answer.statusCode ?? 500, answer.headers as Record<string, string>).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  control.setEventUrl(`http://127.0.0.1:${address.port}/feishu/events`);

  const webhook: WebhookServer = {
    storing: true,
    async handleAll() {
      await vi.waitFor(() =>
        expect(control.deliveries().filter(({ outcome }) => outcome === 'WAITING')).toEqual([]),
      );
      const work = hints.splice(0);
      for (const hint of work) await deliver(core, hint);
      return work.flatMap((hint) => ('status' in hint ? [hint.status] : []));
    },
    async refused(times) {
      await vi.waitFor(() => expect(refusals).toBeGreaterThanOrEqual(times));
    },
    async close() {
      control.setEventUrl(undefined);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
  return webhook;
}
