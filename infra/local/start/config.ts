import { resolve } from 'node:path';
import { cannotStart } from '../../command-problem.ts';
import { type Environment, readPort } from '../environment.ts';

/** `usual`: the limit of Feishu. `fewest`: a tenth of it, the burst, must still be one call. */
const CALLS_PER_MINUTE = { usual: 100, fewest: 10 } as const;

export interface FeishuAppValues {
  appId: string;
  appSecret: string;
  encryptKey: string;
  verificationToken: string;
}

interface OwnFeishu {
  /** An origin, without a path. */
  baseUrl: string;
  /** Required only to enable approvals. */
  app: FeishuAppValues | undefined;
  approvalCode: string | undefined;
}

export interface LocalConfig {
  /** 0 takes a free port (for tests). */
  port: number;
  dynamoDbPort: number;
  simulatorPort: number;
  /** The port of the OA simulator. `elseAny`: takes a free port if this one is in use. */
  oaPort: { port: number; elseAny: boolean };
  /** Whether approvals are enabled at the start; with `ENABLE=0` a person does that. */
  enable: boolean;
  /** Whether a demo issue is written. Default for a stack that is not enabled: no; `SEED=1` changes that. */
  seed: boolean;
  logLevel: string;
  /** How many creates, and how many cancels, an app may make a minute: the pacer's rate and the simulator's limit. */
  callsPerMinute: number;
  /** A Feishu that the user chose instead of the simulator. */
  ownFeishu: OwnFeishu | undefined;
  /** The folder for kept definitions and the logs of the functions. Git-ignored. */
  stateDirectory: string;
}

const APP_VARIABLES = {
  appId: 'FEISHU_APP_ID',
  appSecret: 'FEISHU_APP_SECRET',
  encryptKey: 'FEISHU_ENCRYPT_KEY',
  verificationToken: 'FEISHU_VERIFICATION_TOKEN',
} as const;

/** Reads the environment variables of docs/contract.md 7. Throws a CommandProblem that says what to set. */
export function readConfig(env: Environment): LocalConfig {
  const ports = {
    PORT: readPort(env, 'PORT', 3000),
    DYNAMODB_PORT: readPort(env, 'DYNAMODB_PORT', 8000),
    FEISHU_SIMULATOR_PORT: readPort(env, 'FEISHU_SIMULATOR_PORT', 3001),
  };
  const enable = env.ENABLE !== '0';
  const ownFeishu = readOwnFeishu(env, enable);
  const oaPort = readOaPort(env, Object.values(ports));
  const used = Object.entries({
    ...ports,
    ...(!oaPort.elseAny && { OA_SIMULATOR_PORT: oaPort.port }),
  }).filter(([name]) => !(ownFeishu && name === 'FEISHU_SIMULATOR_PORT'));
  for (const [index, [name, port]] of used.entries()) {
    const twin = used.slice(index + 1).find(([, other]) => port !== 0 && other === port);
    if (twin) throw cannotStart(`${name} and ${twin[0]} are both ${port}: set one of them to another port.`);
  }
  return {
    port: ports.PORT,
    dynamoDbPort: ports.DYNAMODB_PORT,
    simulatorPort: ports.FEISHU_SIMULATOR_PORT,
    oaPort,
    enable,
    seed: enable ? env.SEED !== '0' : env.SEED === '1',
    logLevel: env.LOG_LEVEL || 'INFO',
    callsPerMinute: readCallsPerMinute(env),
    ownFeishu,
    stateDirectory: resolve(env.FRABIT_STATE_DIR || resolve(import.meta.dirname, '../../../.frabit')),
  };
}

/** The default port of the OA simulator, if OA_SIMULATOR_PORT is not set and this port is free. */
const USUAL_OA_PORT = 3002;

/**
 * docs/contract.md 7 does not list OA_SIMULATOR_PORT: two stacks that set only the listed ports must both start. If
 * another port is 0, take a free one here, too.
 */
function readOaPort(env: Environment, others: readonly number[]): LocalConfig['oaPort'] {
  if (env.OA_SIMULATOR_PORT) return { port: readPort(env, 'OA_SIMULATOR_PORT', 0), elseAny: false };
  const isFree = !others.includes(USUAL_OA_PORT) && !others.includes(0);
  return { port: isFree ? USUAL_OA_PORT : 0, elseAny: true };
}

/** Reads FEISHU_CALLS_PER_MINUTE. The upper limit only catches typing errors. */
function readCallsPerMinute(env: Environment): number {
  const text = env.FEISHU_CALLS_PER_MINUTE;
  if (!text) return CALLS_PER_MINUTE.usual;
  const calls = Number(text);
  if (!/^\d{1,5}$/.test(text) || calls < CALLS_PER_MINUTE.fewest) {
    throw cannotStart(
      `FEISHU_CALLS_PER_MINUTE must be a whole number from ${CALLS_PER_MINUTE.fewest} to 99999.`,
    );
  }
  return calls;
}

function readOwnFeishu(env: Environment, enable: boolean): OwnFeishu | undefined {
  const text = env.FEISHU_BASE_URL;
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.username) {
    throw cannotStart(
      'FEISHU_BASE_URL must be an http or https origin without a path, such as https://open.feishu.cn.',
    );
  }
  const missing = Object.values(APP_VARIABLES).filter((name) => !env[name]);
  if (enable && missing.length > 0) {
    throw cannotStart(
      `Set ${missing.join(', ')}: with FEISHU_BASE_URL the stack needs all four of ${Object.values(APP_VARIABLES).join(', ')}.`,
    );
  }
  const value = (name: string) => env[name] ?? '';
  return {
    baseUrl: url.origin,
    app:
      missing.length > 0
        ? undefined
        : {
            appId: value(APP_VARIABLES.appId),
            appSecret: value(APP_VARIABLES.appSecret),
            encryptKey: value(APP_VARIABLES.encryptKey),
            verificationToken: value(APP_VARIABLES.verificationToken),
          },
    approvalCode: env.FEISHU_APPROVAL_CODE || undefined,
  };
}
