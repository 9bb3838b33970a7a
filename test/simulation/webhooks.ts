import { findApproval } from '../../functions/receive-external-events/find-approval.ts';
import { answerOf as answerToOa } from '../../functions/receive-external-events/http.ts';
import { receiveExternalEvent } from '../../functions/receive-external-events/receive-external-event.ts';
import { findIssue } from '../../functions/receive-feishu-events/find-issue.ts';
import { answerOf } from '../../functions/receive-feishu-events/http.ts';
import { receiveFeishuEvent } from '../../functions/receive-feishu-events/receive-feishu-event.ts';
import type { Tenant } from '../../infra/local/simulators/feishu/tenant.ts';
import type { WorkQueue } from '../../shared/approval/plan/hint.ts';
import { noCounter } from '../../shared/runtime/metrics.ts';
import { readExternalNode } from '../../shared/settings/external-nodes.ts';
import type { SettingsPlace } from '../../shared/settings/settings-store.ts';
import { NODE, OA_SECRET } from '../support/oa.ts';

export const silentLogger = { info() {}, warn() {}, error() {}, debug() {} };

/** Returns the webhook for the events of a tenant. It resolves to the status of its answer. */
export const createWebhook =
  (tenant: Tenant, place: SettingsPlace, queue: WorkQueue) =>
  async (headers: Record<string, string>, body: string): Promise<number | undefined> => {
    const { appId, ...keys } = tenant.app;
    const outcome = await receiveFeishuEvent(
      { headers, body: Buffer.from(body) },
      {
        secrets: {
          candidates: async () => [{ secret: { apps: { [appId]: keys } }, stage: 'AWSCURRENT' }],
          refresh: async () => false,
        },
        findIssue: (spoken) => findIssue(spoken, place),
        readRevision: async () => undefined,
        webhookLog: { record: async () => {}, recordTestEvent: async () => {} },
        queue,
        now: () => new Date(),
        counter: noCounter,
        logger: silentLogger,
      },
    );
    return answerOf(outcome).statusCode;
  };

/** Returns the webhook for the events of the OA. It resolves to the status of its answer. */
export const createOaWebhook =
  (place: SettingsPlace, queue: WorkQueue, now: () => Date) =>
  async (nodeId: string, headers: Record<string, string>, body: string): Promise<number | undefined> => {
    const outcome = await receiveExternalEvent(
      { nodeId, headers, body: Buffer.from(body) },
      {
        readNode: (id) => readExternalNode(place, id),
        secrets: {
          current: async () => ({ nodes: { [NODE.nodeId]: { signingSecret: OA_SECRET } } }),
          refresh: async () => false,
        },
        findApproval: (approvalId, id) => findApproval(approvalId, id, place),
        queue,
        now,
        counter: noCounter,
        logger: silentLogger,
      },
    );
    return answerToOa(outcome).statusCode;
  };
