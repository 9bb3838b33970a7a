import { resolve } from 'node:path';
import { cannotStart } from '../../command-problem.ts';
import { type Environment, readPort } from '../environment.ts';

/** What Feishu allows, and the fewest of which a tenth, the burst, is still a call. */
const CALLS_PER_MINUTE = { usual: 100, fewest: 10 } as const;

export interface FeishuAppValues {
  appId: string;
  appSecret: string;
  encryptKey: string;
  verificationToken: string;
}

export interface OwnFeishu {
  /** An origin, without a path. */
  baseUrl: string;
  /** Needed only to enable. */
  app: FeishuAppValues | undefined;
  approvalCode: string | undefined;
}

export interface LocalConfig {
  /** 0 takes a free port: for tests. */
  port: number;
  dynamoDbPort: number;
  simulatorPort: number;
  /** Of the OA simulator. With `elseAny` it gives way to whatever else is at that port. */
  oaPort: { port: number; elseAny: boolean };
  /** Whether the approvals are enabled at the start; `ENABLE=0` leaves that to a person. */
  enable: boolean;
  /** Nothing is seeded into a stack that is not enabled, unless `SEED=1` asks for it. */
  seed: boolean;
  logLevel: string;
  /** How many creates, and how many cancels, an app may make in a minute: our pace, and the simulator's limit. */
  callsPerMinute: number;
  /** A Feishu of the user's own in the simulator's place. */
  ownFeishu: OwnFeishu | undefined;
  /** Definitions kept per host and app, and the functions' logs. Git-ignored. */
  stateDirectory: string;
}

const APP_VARIABLES = {
  appId: 'FEISHU_APP_ID',
  appSecret: 'FEISHU_APP_SECRET',
  encryptKey: 'FEISHU_ENCRYPT_KEY',
  verificationToken: 'FEISHU_VERIFICATION_TOKEN',
} as const;

/** Reads the environment variables of CONTRACT section 7. Throws a CommandProblem that names what to set. */
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

/** Where the OA simulator is unless OA_SIMULATOR_PORT says otherwise, and unless that port is taken. */
export const USUAL_OA_PORT = 3002;

/**
 * OA_SIMULATOR_PORT is none of the ports of CONTRACT section 7: two stacks that set only those must both start. And
 * who asks for free ports does not want a fixed one.
 */
function readOaPort(env: Environment, others: readonly number[]): LocalConfig['oaPort'] {
  if (env.OA_SIMULATOR_PORT) return { port: readPort(env, 'OA_SIMULATOR_PORT', 0), elseAny: false };
  const isFree = !others.includes(USUAL_OA_PORT) && !others.includes(0);
  return { port: isFree ? USUAL_OA_PORT : 0, elseAny: true };
}

/** FEISHU_CALLS_PER_MINUTE; a bound above only against slips of the keyboard. */
export function readCallsPerMinute(env: Environment): number {
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
