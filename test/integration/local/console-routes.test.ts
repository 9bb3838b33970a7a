import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createConsole } from '../../../infra/local/frabit/console-routes.ts';
import { demoIssue, type Issue } from '../../../infra/local/frabit/frabit.ts';
import type { FrabitTable } from '../../../infra/local/frabit/frabit-table.ts';
import { createStory } from '../../../infra/local/frabit/story.ts';
import { closeServer, listen } from '../../../infra/local/http.ts';
import { declareStatements } from '../../support/secrets.ts';

let written: Issue[];
let url: string;
let stop: () => Promise<void>;

const table: FrabitTable = {
  async put(issue) {
    written.push(issue);
  },
  read: async (issueId) => written.find((issue) => issue.issueId === issueId),
  change: async () => undefined,
  list: async () => written,
  close: () => {},
};

beforeEach(async () => {
  written = [];
  for (const { tasks } of demoIssue('demo', 'http://front', new Date(0)).stages) declareStatements(tasks);
  const page = createConsole({
    table,
    story: createStory(() => 0),
    about: () => ({
      frontUrl: 'http://front',
      feishuUrl: 'http://feishu',
      inboxUrl: undefined,
      oaInboxUrl: 'http://oa/',
      oaNodeId: 'demo-oa',
      dynamoDbUrl: 'http://database',
    }),
  });
  const server = createServer((request, response) => void page.handle(request, response, request.url ?? ''));
  url = `http://127.0.0.1:${await listen(server, 0)}`;
  stop = async () => {
    page.close();
    await closeServer(server);
  };
});
afterEach(() => stop());

const create = (body?: string) =>
  fetch(`${url}/console/issues`, { method: 'POST', ...(body !== undefined && { body }) });

describe('a new issue of the console', () => {
  it.each([undefined, '{}', '{"oaStep":false}'])(
    'has no approval flow if it is requested with %s',
    async (body) => {
      const answer = await create(body);
      expect(answer.status).toBe(201);
      expect(written).toEqual([await answer.json()]);
      expect(written[0]).not.toHaveProperty('approvalFlow');
    },
  );

  it('has a step that the OA decides if oaStep is set', async () => {
    expect((await create('{"oaStep":true}')).status).toBe(201);
    expect(written[0]?.approvalFlow).toEqual({
      steps: [
        {
          stepId: 'oa',
          title: 'Change board',
          kind: 'EXTERNAL',
          externalNodeId: 'demo-oa',
          status: 'PENDING',
        },
      ],
    });
  });

  it('is not written after an invalid request', async () => {
    expect((await create('{"oaStep":"yes"}')).status).toBe(400);
    expect(written).toEqual([]);
  });
});
