/**
 * What the core needs of Feishu, in its own words. `shared/feishu/client.ts` does it with the Node SDK;
 * the Feishu simulator answers it over HTTP. Every method rejects with a `FeishuError`.
 */
export interface FeishuGateway {
  /**
   * Looks people up by e-mail (docs/feishu.md 2). Returns lower-case e-mail → open_id; who is unknown, or known to be
   * frozen or gone, is absent. Found people are cached for an hour, misses never. `fresh`: what is cached of these is
   * forgotten first.
   */
  findPeople(
    app: FeishuApp,
    emails: readonly string[],
    options?: { fresh: boolean },
  ): Promise<Map<string, string>>;
  /** Creates an instance (docs/feishu.md 3.3). A second use of a uuid rejects with `UUID_CONFLICT`. */
  createInstance(app: FeishuApp, request: InstanceRequest): Promise<{ instanceCode: string }>;
  /** Reads an instance by its code or by the uuid it was created with; undefined if Feishu knows none. */
  getInstance(app: FeishuApp, codeOrUuid: string): Promise<FeishuInstance | undefined>;
  /** Withdraws an instance; only as its initiator, with its own definition code (docs/feishu.md 3.7). */
  cancelInstance(
    app: FeishuApp,
    request: { definitionCode: string; instanceCode: string; initiator: string },
  ): Promise<void>;
  /** Posts a comment as `author`, an open_id (docs/feishu.md 3.8). */
  addComment(app: FeishuApp, request: { instanceCode: string; author: string; text: string }): Promise<void>;
  /**
   * Writes to a person as the bot (docs/feishu.md 6.1). `receiver`: open_id; `uuid`: at most 50 characters, and Feishu
   * drops a second message of the same one within an hour.
   */
  sendMessage(app: FeishuApp, request: { receiver: string; text: string; uuid: string }): Promise<void>;
}

export type FeishuDomain = 'feishu' | 'lark';

/** Which app speaks, and where. Its credentials are looked up by `appId`. */
export interface FeishuApp {
  appId: string;
  /** Which Open Platform; the client maps it to an origin, or to the one configured by FEISHU_BASE_URL. */
  domain: FeishuDomain;
}

/** The body of create-instance as it is stored and sent again on a retry. */
export interface InstanceRequest {
  definitionCode: string;
  /** open_id of the initiator: the creator, or the bot in their place. */
  initiator: string;
  /** open_id of the one approver. */
  approver: string;
  /** 1–64 characters, unique in the tenant for ever. */
  uuid: string;
  /** JSON array string of `{id, type, value}`. */
  form: string;
  /** i18n key of the title; empty: none. */
  title: string;
  /** Empty where the values are plain texts. */
  i18nResources: I18nResource[];
}

export interface I18nResource {
  locale: 'zh-CN' | 'en-US';
  is_default: boolean;
  texts: { key: string; value: string }[];
}

/** What is read of an instance (docs/contract.md 2, "Read of an instance"). */
export interface FeishuInstance {
  instanceCode: string;
  definitionCode: string;
  uuid?: string;
  /** PENDING, APPROVED, REJECTED, CANCELED, DELETED; others are kept as they came. */
  status: string;
  /** Revoked after it had been approved. */
  reverted: boolean;
  /** It revokes this other instance, by its code (docs/feishu.md 3.5). */
  revokes?: string;
  /** open_id of the initiator. */
  initiator?: string;
  tasks: FeishuTask[];
  timeline: FeishuTimelineEntry[];
  comments: string[];
}

export interface FeishuTask {
  id: string;
  /** Absent when the decision was automatic. */
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
