import { onTestFinished } from 'vitest';
import * as z from 'zod';
import {
  type FeishuSimulator,
  type FeishuSimulatorOptions,
  startFeishuSimulator,
} from '../../../infra/local/simulators/feishu/server.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** Calls the simulator over raw HTTP, without any code of the product. */

const envelope = z.looseObject({ code: z.number(), msg: z.string() });

export interface Reply {
  status: number;
  headers: Headers;
  code: number;
  body: Record<string, unknown>;
}

export interface Caller {
  simulator: FeishuSimulator;
  clock: ManualClock;
  fetchRaw(
    method: string,
    path: string,
    init?: { body?: string; headers?: Record<string, string> },
  ): Promise<Response>;
  /** Below /open-apis, with a fresh token unless headers are given. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  token(): Promise<string>;
  openId(email: string): Promise<string>;
  botOpenId(): Promise<string>;
  createDefinition(changes?: Record<string, unknown>): Promise<string>;
  createInstance(changes?: Record<string, unknown>): Promise<string>;
  getInstance(codeOrUuid: string): Promise<Record<string, unknown>>;
}

export async function startCaller(options: FeishuSimulatorOptions = {}): Promise<Caller> {
  const clock = createManualClock();
  const simulator = await startFeishuSimulator({ clock, ...options });
  onTestFinished(() => simulator.close());
  return createCaller(simulator, clock);
}

function createCaller(simulator: FeishuSimulator, clock: ManualClock): Caller {
  let definitionCode: string | undefined;

  const fetchRaw: Caller['fetchRaw'] = (method, path, init = {}) =>
    fetch(`${simulator.url}${path}`, { method, ...init });

  const toReply = async (response: Response): Promise<Reply> => {
    const body = envelope.parse(await response.json());
    return { status: response.status, headers: response.headers, code: body.code, body };
  };

  async function token(): Promise<string> {
    const { appId, appSecret } = simulator.app;
    const reply = await toReply(
      await fetchRaw('POST', '/open-apis/auth/v3/tenant_access_token/internal', {
        body: JSON.stringify({ app_id: appId, app_secret: appSecret }),
        headers: { 'Content-Type': 'application/json' },
      }),
    );
    return z.string().parse(reply.body.tenant_access_token);
  }

  const call: Caller['call'] = async (method, path, body, headers) => {
    const authorization = headers ?? { Authorization: `Bearer ${await token()}` };
    const json: Record<string, string> =
      body === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' };
    return toReply(
      await fetchRaw(method, `/open-apis${path}`, {
        headers: { ...json, ...authorization },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  };

  async function openId(email: string): Promise<string> {
    const { body } = await call('POST', '/contact/v3/users/batch_get_id?user_id_type=open_id', {
      emails: [email],
    });
    const data = z.object({ user_list: z.tuple([z.object({ user_id: z.string() })]) }).parse(body.data);
    return data.user_list[0].user_id;
  }

  async function createDefinition(changes: Record<string, unknown> = {}): Promise<string> {
    const { body } = await call('POST', '/approval/v4/approvals', aDefinition(changes));
    return z.object({ approval_code: z.string() }).parse(body.data).approval_code;
  }

  return {
    simulator,
    clock,
    fetchRaw,
    call,
    token,
    openId,
    async botOpenId() {
      const { body } = await call('GET', '/bot/v3/info');
      return z.object({ open_id: z.string() }).parse(body.bot).open_id;
    },
    createDefinition,
    async createInstance(changes = {}) {
      if (changes.approval_code === undefined) definitionCode ??= await createDefinition();
      const request = anInstance(
        {
          definition: definitionCode ?? '',
          initiator: await openId('asker@example.com'),
          approver: await openId('boss@example.com'),
        },
        changes,
      );
      const { body } = await call('POST', '/approval/v4/instances', request);
      return z.object({ instance_code: z.string() }).parse(body.data).instance_code;
    },
    async getInstance(codeOrUuid) {
      const { body } = await call('GET', `/approval/v4/instances/${codeOrUuid}`);
      return z.record(z.string(), z.unknown()).parse(body.data);
    },
  };
}

export const NODE = {
  id: 'approve-here',
  name: '@i18n@node',
  node_type: 'AND',
  approver: [{ type: 'Free' }],
  starter_assignee: 'STARTER',
};

/** A valid definition; `changes` replace whole top-level fields. */
export const aDefinition = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  approval_name: '@i18n@name',
  viewers: [{ viewer_type: 'NONE' }],
  form: {
    form_content: JSON.stringify([
      { id: 'issue', name: '@i18n@issue', type: 'input', required: true },
      { id: 'sql', name: '@i18n@sql', type: 'textarea' },
    ]),
  },
  node_list: [{ id: 'START' }, NODE, { id: 'END' }],
  settings: { revert_interval: 0 },
  config: {
    can_update_viewer: false,
    can_update_form: false,
    can_update_process: false,
    can_update_revert: false,
  },
  i18n_resources: [
    {
      locale: 'zh-CN',
      is_default: true,
      texts: [
        { key: '@i18n@name', value: '变更审批' },
        { key: '@i18n@issue', value: '工单' },
        { key: '@i18n@sql', value: '语句' },
        { key: '@i18n@node', value: '审批' },
      ],
    },
    { locale: 'en-US', is_default: false, texts: [{ key: '@i18n@name', value: 'Change approval' }] },
  ],
  ...changes,
});

/** A valid body to create an instance. */
export const anInstance = (
  people: { definition: string; initiator: string; approver: string },
  changes: Record<string, unknown> = {},
): Record<string, unknown> => ({
  approval_code: people.definition,
  open_id: people.initiator,
  form: JSON.stringify([
    { id: 'issue', type: 'input', value: 'Add a column & an index' },
    { id: 'sql', type: 'textarea', value: '@i18n@value' },
  ]),
  node_approver_open_id_list: [{ key: 'approve-here', value: [people.approver] }],
  title: '@i18n@title',
  i18n_resources: [
    {
      locale: 'zh-CN',
      is_default: true,
      texts: [
        { key: '@i18n@title', value: '标题' },
        { key: '@i18n@value', value: '第一句' },
      ],
    },
    {
      locale: 'en-US',
      is_default: false,
      texts: [
        { key: '@i18n@title', value: 'Title' },
        { key: '@i18n@value', value: 'First statement' },
      ],
    },
  ],
  ...changes,
});
