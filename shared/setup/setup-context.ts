import type { FormMemories } from '../approval/channels/feishu/form-memory-store.ts';
import type { WorkQueue } from '../approval/plan/hint.ts';
import type { Pacer } from '../approval/store/pacing.ts';
import type { FeishuGateway } from '../feishu/gateway.ts';
import type { FeishuSetup } from '../feishu/setup-client.ts';
import type { Counter } from '../runtime/metrics.ts';
import type { SecretPlace } from '../runtime/secret-versions.ts';
import { lockSettings, type SettingsLock } from '../settings/settings-lock.ts';
import type { SettingsPlace } from '../settings/settings-store.ts';
import type { EndpointRules } from './external-endpoint.ts';

/** What the use cases of the settings API need. */
export interface SetupContext {
  place: SettingsPlace;
  secret: SecretPlace;
  /** For external nodes: their secret, and which endpoints are allowed. */
  external: EndpointRules & { secret: SecretPlace; newSigningSecret: () => string };
  queue: WorkQueue;
  /** Creates a client with the keys of a request, not the stored ones. */
  createSetup: (appSecret: string) => FeishuSetup;
  /** For test approvals. */
  createGateway: (appSecret: string) => FeishuGateway;
  pacer: Pacer;
  forms: FormMemories;
  now: () => Date;
  sleep: (milliseconds: number) => Promise<unknown>;
  newId: () => string;
  logger: { error(message: string, attributes: Record<string, unknown>): void };
  counter?: Pick<Counter, 'count'>;
  /** Default: `DEFINITION_VERSION`. Tests set a higher one. */
  definitionVersion?: number;
}

/**
 * Counts that Feishu accepts the set-up. Without it the alarms on Feishu would stay on until the next call of the worker,
 * which may be days later, and nobody would hear of a new failure until then.
 */
export function countAccepted({ counter }: SetupContext): void {
  counter?.count('FeishuSetupRefused', 0);
  counter?.count('FeishuUnreachable', 0);
}

/** Runs `work` with the lock of the settings and releases it afterwards. Rejects with `SETTINGS_BUSY`. */
export async function withSettingsLock<T>(
  { place, newId, now, sleep }: SetupContext,
  work: (lock: SettingsLock) => Promise<T>,
): Promise<T> {
  const lock = await lockSettings({ ...place, owner: newId(), now: () => now().getTime(), sleep });
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}
