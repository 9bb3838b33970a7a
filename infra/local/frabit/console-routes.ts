import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import * as z from 'zod';
import { readBody, writeJson } from '../http.ts';
import {
  demoIssue,
  type Issue,
  isReadyToRun,
  withAssignee,
  withBell,
  withClosed,
  withOaStep,
  withStageRun,
  withStatement,
} from './frabit.ts';
import type { FrabitTable } from './frabit-table.ts';
import type { Story } from './story.ts';

interface ConsoleOptions {
  table: FrabitTable;
  story: Story;
  /** What the page shows about the stack, without secrets. */
  about: () => {
    frontUrl: string;
    feishuUrl: string;
    inboxUrl: string | undefined;
    oaInboxUrl: string;
    oaNodeId: string;
    dynamoDbUrl: string;
  };
}

const FILES: Record<string, { file: string; type: string }> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/console/console.css': { file: 'console.css', type: 'text/css; charset=utf-8' },
  '/console/console.js': { file: 'console.js', type: 'text/javascript; charset=utf-8' },
  '/console/dom.js': { file: 'dom.js', type: 'text/javascript; charset=utf-8' },
  '/console/story-feed.js': { file: 'story-feed.js', type: 'text/javascript; charset=utf-8' },
  '/console/flow-card.js': { file: 'flow-card.js', type: 'text/javascript; charset=utf-8' },
  '/console/approval-card.js': { file: 'approval-card.js', type: 'text/javascript; charset=utf-8' },
};

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SHOWN_ISSUES = 50;
const BODY_LIMIT_BYTES = 512 * 1024;

const actSchema = z.discriminatedUnion('act', [
  z.object({ act: z.literal('STATEMENT'), taskId: z.string(), statement: z.string() }),
  z.object({ act: z.literal('ASSIGNEE'), email: z.string().regex(/^[^@\s]+@[^@\s]+$/) }),
  z.object({ act: z.literal('BELL') }),
  z.object({ act: z.literal('RUN') }),
  z.object({ act: z.literal('CLOSE') }),
]);
type Act = z.infer<typeof actSchema>;

/** `oaStep`: the OA must approve before a stage is sent. */
const newIssueSchema = z.object({ oaStep: z.boolean().optional() });

/** Returns a new id. Its random part makes it different from all earlier ones in the same Feishu. */
export const newIssueId = (): string => `demo-${randomBytes(4).toString('hex')}`;

/** Serves the page that simulates Frabit, and its JSON routes. */
export function createConsole({ table, story, about }: ConsoleOptions) {
  const streams = new Set<ServerResponse>();
  const send = (event: string, data: unknown) => {
    for (const stream of streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const unsubscribe = story.subscribe((line) => send('line', line));

  function openEventStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`event: lines\ndata: ${JSON.stringify(story.lines())}\n\n`);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  async function act(issueId: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = actSchema.safeParse(await readJson(request));
    if (!parsed.success) {
      writeJson(response, 400, { code: 'BAD_REQUEST', message: 'This is not an action of the console.' });
      return;
    }
    if (parsed.data.act === 'RUN') {
      const issue = await table.read(issueId);
      if (issue && !isReadyToRun(issue)) {
        writeJson(response, 409, { code: 'NOT_APPROVED', message: 'The stage is not approved yet.' });
        return;
      }
    }
    const changed = await table.change(issueId, changeOf(parsed.data));
    writeJson(response, changed ? 200 : 404, changed ?? { code: 'NOT_FOUND', message: 'No such issue.' });
  }

  return {
    /** Makes open pages read the issues again. */
    notifyChanged: () => send('changed', {}),

    async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
      const route = `${request.method} ${path}`;
      const file = request.method === 'GET' ? FILES[path] : undefined;
      if (file) {
        response.writeHead(200, {
          'content-type': file.type,
          'content-security-policy': CONTENT_SECURITY_POLICY,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-store',
        });
        response.end(await readFile(join(import.meta.dirname, 'console', file.file)));
        return true;
      }
      if (route === 'GET /console/issues') {
        writeJson(response, 200, { issues: (await table.list()).slice(0, SHOWN_ISSUES) });
        return true;
      }
      if (route === 'GET /console/about') {
        writeJson(response, 200, about());
        return true;
      }
      if (route === 'GET /console/events') {
        openEventStream(response);
        return true;
      }
      if (route === 'POST /console/issues') {
        const { success, data } = newIssueSchema.safeParse((await readJson(request)) ?? {});
        if (!success) {
          writeJson(response, 400, { code: 'BAD_REQUEST', message: 'This is not a valid new issue.' });
          return true;
        }
        const issue = demoIssue(newIssueId(), about().frontUrl, new Date());
        const written = data.oaStep ? withOaStep(issue) : issue;
        await table.put(written);
        writeJson(response, 201, written);
        return true;
      }
      const issueId = request.method === 'POST' ? /^\/console\/issues\/([^/]+)$/.exec(path)?.[1] : undefined;
      if (issueId) {
        await act(decodeURIComponent(issueId), request, response);
        return true;
      }
      return false;
    },

    close() {
      unsubscribe();
      for (const stream of streams) stream.end();
    },
  };
}

function changeOf(act: Act): (issue: Issue) => Issue {
  switch (act.act) {
    case 'STATEMENT':
      return (issue) => withStatement(issue, act.taskId, act.statement);
    case 'ASSIGNEE':
      return (issue) => withAssignee(issue, act.email);
    case 'BELL':
      return (issue) => withBell(issue, new Date());
    case 'RUN':
      return (issue) => (isReadyToRun(issue) ? withStageRun(issue) : issue);
    case 'CLOSE':
      return withClosed;
    default:
      return act satisfies never;
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, BODY_LIMIT_BYTES);
  try {
    return body && JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
