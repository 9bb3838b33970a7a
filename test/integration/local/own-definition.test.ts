import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { enableFeishu } from '../../../infra/local/start/enable-feishu.ts';
import { buildDefinition, type DefinitionBody } from '../../../shared/feishu/definition.ts';
import { type SettingsApi, setupOf } from '../../support/settings-api.ts';
import { useSettingsApi } from '../../support/use-settings-api.ts';

/** Which definition `npm start` uses with another Feishu, and what it keeps. */

let api: SettingsApi;
const database = useSettingsApi((made) => {
  api = made;
});

const definitions = () => api.simulator.control.definitions();
const saveElsewhere = (body: DefinitionBody): Promise<string> =>
  setupOf(api.simulator)(api.simulator.app.appSecret).saveDefinition(
    { appId: api.simulator.app.appId, domain: 'feishu' },
    body,
  );
const lacking = (approvalCode?: string): DefinitionBody => {
  const body = buildDefinition(approvalCode);
  const [first] = JSON.parse(body.form.form_content);
  return { ...body, form: { form_content: JSON.stringify([first]) } };
};
const refuse = (endpoint: 'subscribe' | 'getDefinition', code: number) =>
  api.simulator.control.misbehave({ kind: 'ERROR_CODE', endpoint, code, status: 400, times: 1 });

/** A state directory, and starts that use it. Each start has its own tables, as a local stack has. */
async function aPlace() {
  const directory = await mkdtemp(join(tmpdir(), 'frabit-own-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'definitions.json');
  const key = `${new URL(api.simulator.url).host} ${api.simulator.app.appId}`;
  return {
    file,
    key,
    async start(approvalCode?: string) {
      const { approvalTableName: tableName } = await database().createTables();
      const work = { ...api.work, place: { ...api.work.place, tableName } };
      const front = http.createServer(async (request, response) => {
        const body = await text(request);
        const answer = await api.call(request.method ?? '', request.url ?? '', body, work);
        response.writeHead(answer.status ?? 500).end(answer.text);
      });
      await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
      const address = front.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      const { appId, appSecret, encryptKey, verificationToken } = api.simulator.app;
      try {
        return await enableFeishu({
          frontUrl: `http://127.0.0.1:${port}`,
          app: { appId, appSecret, encryptKey, verificationToken },
          baseUrl: api.simulator.url,
          approvalCode,
          keep: { directory },
        });
      } finally {
        front.closeAllConnections();
        front.close();
      }
    },
    kept: async (): Promise<unknown> => JSON.parse(await readFile(file, 'utf8')),
  };
}

describe('a definition that this stack made', () => {
  it('is kept as such and used again', async () => {
    const { start, kept, key } = await aPlace();
    const first = await start();
    expect(first.created).toBe(true);
    expect(await kept()).toEqual({ [key]: { code: first.approvalCode, made: true } });
    expect(await start()).toEqual({ approvalCode: first.approvalCode, created: false });
    expect(definitions()).toMatchObject([{ writes: 1 }]);
  });

  it('is updated by a later start that needs more of it', async () => {
    const { start } = await aPlace();
    const { approvalCode } = await start();
    await saveElsewhere(lacking(approvalCode));
    expect(await start()).toEqual({ approvalCode, created: false });
    expect(definitions()).toMatchObject([{ writes: 3 }]);
  });

  it('is kept although its subscription is refused, and used at the next start', async () => {
    const { start } = await aPlace();
    refuse('subscribe', 1390009);
    await expect(start()).rejects.toThrow(/cannot be used yet: subscription: /);
    const [made] = definitions();
    expect(await start()).toEqual({ approvalCode: made?.approvalCode, created: false });
    expect(definitions()).toHaveLength(1);
  });

  it('is replaced when Feishu reports it as deleted, and other entries stay', async () => {
    const { start, kept, key, file } = await aPlace();
    const { approvalCode } = await start();
    api.simulator.control.setDefinitionStatus(approvalCode, 'DELETED');
    await writeFile(file, JSON.stringify({ [key]: approvalCode, 'another app': 'STAYS' }));
    const second = await start();
    expect(second.created).toBe(true);
    expect(await kept()).toEqual({
      [key]: { code: second.approvalCode, made: true },
      'another app': { code: 'STAYS', made: false },
    });
  });

  it('is not replaced when Feishu does not show it, because it may still exist', async () => {
    const { start, kept, key } = await aPlace();
    const { approvalCode } = await start();
    refuse('getDefinition', 1390002);
    await expect(start()).rejects.toThrow(
      `Definition ${approvalCode} is kept in definitions.json of the state directory: set FEISHU_APPROVAL_CODE to use another one, or remove the entry to create one.`,
    );
    expect(definitions()).toHaveLength(1);
    expect(await kept()).toEqual({ [key]: { code: approvalCode, made: true } });
  });

  it('stays in the file while another one is named', async () => {
    const { start } = await aPlace();
    const { approvalCode } = await start();
    const named = await saveElsewhere(buildDefinition());
    expect(await start(named)).toEqual({ approvalCode: named, created: false });
    expect(await start()).toEqual({ approvalCode, created: false });
  });
});

describe('a definition that the user named', () => {
  it('is kept, and never overwritten', async () => {
    const { start, kept, key } = await aPlace();
    const named = await saveElsewhere(buildDefinition());
    await start(named);
    expect(await kept()).toEqual({ [key]: { code: named, made: false } });
    await saveElsewhere(lacking(named));
    const refused = start();
    await expect(refused).rejects.toThrow(/definition: The approval definition does not fit: it lacks/);
    await expect(refused).rejects.not.toThrow(/frabit-im/);
    expect(definitions()).toMatchObject([{ writes: 2 }]);
  });

  it('does not count as made here if an earlier version kept it', async () => {
    const { start, file, key } = await aPlace();
    const code = await saveElsewhere(lacking());
    await writeFile(file, JSON.stringify({ [key]: code }));
    await expect(start()).rejects.toThrow(/does not fit/);
    expect(definitions()).toMatchObject([{ writes: 1 }]);
  });
});
