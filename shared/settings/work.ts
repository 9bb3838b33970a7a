import type { WorkQueue } from '../approval/hint.ts';
import type { Pacer } from '../approval/pacing.ts';
import type { FeishuGateway } from '../feishu/gateway.ts';
import type { FeishuSetup } from '../feishu/setup.ts';
import type { FeishuSecretPlace } from '../runtime/secrets.ts';
import type { SettingsPlace } from './settings-store.ts';

/** What the settings' use cases work with. */
export interface SettingsWork {
  place: SettingsPlace;
  secret: FeishuSecretPlace;
  queue: WorkQueue;
  /** With the keys of a request, not those that are stored. */
  createSetup: (appSecret: string) => FeishuSetup;
  /** For test approvals. */
  createGateway: (appSecret: string) => FeishuGateway;
  pacer: Pacer;
  now: () => Date;
  sleep: (milliseconds: number) => Promise<unknown>;
  newId: () => string;
  logger: { error(message: string, attributes: Record<string, unknown>): void };
  /** `DEFINITION_VERSION`, but for tests of raising it. */
  definitionVersion?: number;
}
