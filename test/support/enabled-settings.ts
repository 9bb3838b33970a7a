import { buildDefinition, DEFINITION_VERSION } from '../../shared/feishu/definition.ts';
import { createFeishuSetup } from '../../shared/feishu/setup-client.ts';
import type { FeishuSettings } from '../../shared/settings/settings.ts';

/** Sets up an app at the simulated Feishu. Resolves to its settings, which are not stored yet. */
export async function enabledSettings(
  feishu: Parameters<typeof createFeishuSetup>[0],
  appId: string,
  at: Date,
): Promise<FeishuSettings> {
  const app = { appId, domain: 'feishu' } as const;
  const setup = createFeishuSetup(feishu);
  const bot = await setup.getBot(app);
  const code = await setup.saveDefinition(app, buildDefinition());
  await setup.subscribe(app, code);
  return {
    enabled: true,
    appId,
    domain: 'feishu',
    bot: { openId: bot.openId, name: bot.name },
    definitionCode: code,
    definitions: { [appId]: { code, version: DEFINITION_VERSION, createdAt: at.toISOString() } },
    enabledAt: at.toISOString(),
    revision: 1,
  };
}
