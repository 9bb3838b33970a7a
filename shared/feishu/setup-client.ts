import {
  botAnswerSchema,
  createDefinitionAnswerSchema,
  definitionAnswerSchema,
  definitionWidgetsSchema,
  nothingSchema,
  scopesAnswerSchema,
} from './answers.ts';
import { createFeishuCaller, type FeishuOptions, pathParameter } from './call.ts';
import { FEISHU_CODES } from './classify-error.ts';
import { APPROVER_NODE_ID, type DefinitionBody } from './definition.ts';
import { hasCode } from './errors.ts';
import type { FeishuApp } from './gateway.ts';

/** What set-up needs of Feishu. Every method rejects with a `FeishuError`. */
export interface FeishuSetup {
  /** Proves app id and app secret by getting a token. */
  authorize(app: FeishuApp): Promise<void>;
  /** Returns the origin to which the calls of this app go. */
  originOf(app: FeishuApp): string;
  getBot(app: FeishuApp): Promise<FeishuBot>;
  /** Returns the names of the granted scopes (docs/feishu.md 2a). */
  grantedScopes(app: FeishuApp): Promise<Set<string>>;
  /**
   * Creates a definition, or overwrites the one that `body.approval_code` names. Returns its code. A create is tried
   * only once, because a new definition can never be deleted (docs/feishu.md 3.1).
   */
  saveDefinition(app: FeishuApp, body: DefinitionBody): Promise<string>;
  /** Returns undefined if Feishu does not know it or another app made it, which look the same (docs/feishu.md 3.2). */
  getDefinition(app: FeishuApp, code: string): Promise<FeishuDefinition | undefined>;
  /** Subscribes the app to the events of a definition. Safe to repeat. */
  subscribe(app: FeishuApp, code: string): Promise<void>;
}

export interface FeishuBot {
  openId: string;
  name: string;
  /** `activate_status` is 2 or absent. */
  active: boolean;
}

export interface FeishuDefinition {
  /** ACTIVE, INACTIVE, DELETED, UNKNOWN. */
  status: string;
  /** In order. Empty if the answer has no form; undefined if its form cannot be parsed. */
  widgets: DefinitionWidget[] | undefined;
  /** Whether the answer names any node. If not, the nodes are unknown. */
  namesNodes: boolean;
  /** The nodes whose approver the initiator chooses. An instance names them by `key` (docs/feishu.md 3.3). */
  freeNodes: { key: string | undefined; requiresSignature: boolean }[];
}

export interface DefinitionWidget {
  /** The id that its creator gave: `custom_id`, or `id` if that is absent (docs/lessons.md 49). */
  id: string;
  type: string;
}

const BOT_ENABLED = 2;
const SCOPE_GRANTED = 1;

export function createFeishuSetup(options: FeishuOptions): FeishuSetup {
  const caller = createFeishuCaller(options);
  return {
    authorize: (app) => caller.authorize(app),
    originOf: caller.originOf,

    async getBot(app) {
      const { bot } = await caller.call(app, {
        api: 'bot info',
        repeat: 'SAFE',
        answer: botAnswerSchema,
        run: (client, token) => client.request({ method: 'GET', url: '/open-apis/bot/v3/info' }, token),
      });
      return {
        openId: bot.open_id,
        name: bot.app_name ?? '',
        active: bot.activate_status === undefined || bot.activate_status === BOT_ENABLED,
      };
    },

    async grantedScopes(app) {
      const { data } = await caller.call(app, {
        api: 'scopes',
        repeat: 'SAFE',
        answer: scopesAnswerSchema,
        run: (client, token) =>
          client.request({ method: 'GET', url: '/open-apis/application/v6/scopes' }, token),
      });
      return new Set(
        data.scopes.filter((scope) => scope.grant_status === SCOPE_GRANTED).map((scope) => scope.scope_name),
      );
    },

    async saveDefinition(app, body) {
      const { data } = await caller.call(app, {
        api: 'save definition',
        repeat: body.approval_code === undefined ? 'ONCE' : 'SAFE',
        answer: createDefinitionAnswerSchema,
        run: (client, token) => client.approval.v4.approval.create({ data: body }, token),
      });
      return data.approval_code;
    },

    async getDefinition(app, code) {
      const path = { approval_code: pathParameter(code) };
      try {
        const { data } = await caller.call(app, {
          api: 'get definition',
          repeat: 'SAFE',
          answer: definitionAnswerSchema,
          run: (client, token) => client.approval.v4.approval.get({ path }, token),
        });
        return {
          status: data.status,
          widgets: readWidgets(data.form ?? '[]'),
          namesNodes: data.node_list.length > 0,
          freeNodes: data.node_list
            .map((node) => ({ ...node, key: node.custom_node_id ?? node.node_id }))
            .filter((node) => node.need_approver ?? node.key === APPROVER_NODE_ID)
            .map(({ key, require_signature }) => ({ key, requiresSignature: require_signature ?? false })),
        };
      } catch (error) {
        if (hasCode(error, FEISHU_CODES.UNKNOWN_DEFINITION)) return undefined;
        if (hasCode(error, FEISHU_CODES.DISABLED_DEFINITION)) return onlyStatus('INACTIVE');
        if (hasCode(error, FEISHU_CODES.DELETED_DEFINITION)) return onlyStatus('DELETED');
        throw error;
      }
    },

    async subscribe(app, code) {
      const path = { approval_code: pathParameter(code) };
      try {
        await caller.call(app, {
          api: 'subscribe',
          repeat: 'SAFE',
          answer: nothingSchema,
          run: (client, token) => client.approval.v4.approval.subscribe({ path }, token),
        });
      } catch (error) {
        if (!hasCode(error, FEISHU_CODES.ALREADY_SUBSCRIBED)) throw error;
      }
    },
  };
}

const onlyStatus = (status: string): FeishuDefinition => ({
  status,
  widgets: [],
  namesNodes: false,
  freeNodes: [],
});

function readWidgets(form: string): DefinitionWidget[] | undefined {
  if (form.trim() === '') return [];
  try {
    const widgets = definitionWidgetsSchema.parse(JSON.parse(form));
    return widgets.map(({ custom_id, id = '', type }) => ({ id: custom_id ?? id, type }));
  } catch {
    return undefined;
  }
}
