/**
 * What approvals need of Feishu. `shared/feishu/client.ts` implements it with the Node SDK. Every method rejects with a
 * `FeishuError`.
 */
export interface FeishuGateway {
  /**
   * Looks people up by e-mail address (docs/feishu.md 2). Returns lower-case address → open_id, without people who are
   * unknown, frozen or gone. Found people are cached for an hour, unknown ones never. `fresh`: do not use the cache.
   */
  findPeople(
    app: FeishuApp,
    emails: readonly string[],
    options?: { fresh: boolean },
  ): Promise<Map<string, string>>;
  /** Creates an instance (docs/feishu.md 3.3). Rejects with `UUID_CONFLICT` if the uuid was used before. */
  createInstance(app: FeishuApp, request: InstanceRequest): Promise<{ instanceCode: string }>;
  /** Reads an instance by its code or by its uuid. Returns undefined if Feishu does not know it. */
  getInstance(app: FeishuApp, codeOrUuid: string): Promise<FeishuInstance | undefined>;
  /** Cancels an instance. Only its initiator can, with its own definition code (docs/feishu.md 3.7). */
  cancelInstance(
    app: FeishuApp,
    request: { definitionCode: string; instanceCode: string; initiator: string },
  ): Promise<void>;
  /** Posts a comment as `author`, an open_id (docs/feishu.md 3.8). */
  addComment(app: FeishuApp, request: { instanceCode: string; author: string; text: string }): Promise<void>;
  /**
   * Sends a message to a person as the bot (docs/feishu.md 6.1). `receiver`: open_id. `uuid`: at most 50 characters;
   * Feishu drops a second message with the same uuid within an hour.
   */
  sendMessage(app: FeishuApp, request: { receiver: string; text: string; uuid: string }): Promise<void>;
}

export type FeishuDomain = 'feishu' | 'lark';

/** The app that makes a call. Its credentials are looked up by `appId`. */
export interface FeishuApp {
  appId: string;
  /** The Open Platform. The client uses its origin, or FEISHU_BASE_URL. */
  domain: FeishuDomain;
}

/** The body of a create, as it is stored and sent again on a retry. */
export interface InstanceRequest {
  definitionCode: string;
  /** open_id of the initiator: the creator, or the bot if Feishu does not know the creator. */
  initiator: string;
  /** open_id of the approver. */
  approver: string;
  /** 1–64 characters, unique in the tenant. */
  uuid: string;
  /** JSON array string of `{id, type, value}`. */
  form: string;
  /** i18n key of the title. Empty: no title. */
  title: string;
  /** Empty if the values are plain texts. */
  i18nResources: I18nResource[];
}

export interface I18nResource {
  locale: 'zh-CN' | 'en-US';
  is_default: boolean;
  texts: { key: string; value: string }[];
}

/** What we read of an instance (docs/contract.md 2, "Read of an instance"). */
export interface FeishuInstance {
  instanceCode: string;
  definitionCode: string;
  uuid?: string;
  /** PENDING, APPROVED, REJECTED, CANCELED, DELETED, or a status that this version does not know. */
  status: string;
  /** The initiator revoked it after the approval. */
  reverted: boolean;
  /** Code of the instance that this one revokes (docs/feishu.md 3.5). */
  revokes?: string;
  /** open_id of the initiator. */
  initiator?: string;
  tasks: FeishuTask[];
  timeline: FeishuTimelineEntry[];
  comments: string[];
}

export interface FeishuTask {
  id: string;
  /** Absent if the decision was automatic. */
  openId?: string;
  /** PENDING, APPROVED, REJECTED, TRANSFERRED, DONE. */
  status: string;
  /** AND, OR, SEQUENTIAL, AUTO_PASS, AUTO_REJECT. */
  type: string;
  customNodeId?: string;
  nodeId?: string;
}

export interface FeishuTimelineEntry {
  type: string;
  openId?: string;
  taskId?: string;
  comment?: string;
  /** ISO 8601 UTC, from Feishu's milliseconds. */
  at?: string;
}
