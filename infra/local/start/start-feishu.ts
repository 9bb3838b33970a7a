import type { Cleanup } from '../cleanup.ts';
import { scaledLimits } from '../simulators/feishu/limits.ts';
import { type FeishuSimulator, startFeishuSimulator } from '../simulators/feishu/server.ts';
import type { FeishuAppValues, LocalConfig } from './config.ts';
import { type Enabled, enableFeishu } from './enable-feishu.ts';
import { requestUrl } from './stack-outputs.ts';

/** The Feishu simulator, or the Feishu that the user chose instead. */
interface LocalFeishu {
  url: string;
  larkUrl: string | undefined;
  app: FeishuAppValues | undefined;
  inboxUrl: string | undefined;
  simulator: FeishuSimulator | undefined;
}

export async function startFeishu(
  { ownFeishu, ...config }: LocalConfig,
  cleanup: Cleanup,
): Promise<LocalFeishu> {
  if (ownFeishu) {
    const { baseUrl: url, app } = ownFeishu;
    return { url, larkUrl: undefined, app, inboxUrl: undefined, simulator: undefined };
  }
  const simulator = await startFeishuSimulator({
    port: config.simulatorPort,
    limits: scaledLimits(config.callsPerMinute),
  });
  cleanup.add(() => simulator.close());
  const { url, larkUrl, app } = simulator;
  return { url, larkUrl, app, inboxUrl: `${url}/`, simulator };
}

/** Does what an operator does: enters the request URL, enables approvals, and has the request URL verified. */
export async function enableOnStart(
  { ownFeishu, stateDirectory }: LocalConfig,
  { url, app, simulator }: LocalFeishu,
  frontUrl: string,
): Promise<Enabled | undefined> {
  if (!app) return undefined;
  simulator?.control.setEventUrl(requestUrl(frontUrl));
  const enabled = await enableFeishu({
    frontUrl,
    app,
    baseUrl: url,
    approvalCode: ownFeishu?.approvalCode,
    ...(ownFeishu && { keep: { directory: stateDirectory } }),
  });
  await simulator?.control.verifyRequestUrl();
  return enabled;
}
