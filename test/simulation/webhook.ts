import { findIssue } from '../../functions/receive-feishu-events/find-issue.ts';
import { answerOf } from '../../functions/receive-feishu-events/http.ts';
import { receiveFeishuEvent } from '../../functions/receive-feishu-events/receive-feishu-event.ts';
import type { Tenant } from '../../infra/local/simulators/feishu/tenant.ts';
import type { WorkQueue } from '../../shared/approval/plan/hint.ts';
import type { SettingsPlace } from '../../shared/settings/settings-store.ts';

export const silentLogger = { info() {}, warn() {}, error() {}, debug() {} };
export const noMetrics = { count() {}, flush() {} };

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
        counter: noMetrics,
        logger: silentLogger,
      },
    );
    return answerOf(outcome).statusCode;
  };
