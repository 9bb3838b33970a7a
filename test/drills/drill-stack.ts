import { randomUUID } from 'node:crypto';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import type { ScheduledEvent } from 'aws-lambda';
import { AwsError } from '../../infra/local/aws/aws-operation.ts';
import { createMappings, type Mapping } from '../../infra/local/aws/event-source-mappings.ts';
import { openFailedRecords } from '../../infra/local/aws/failed-records.ts';
import { type Functions, functionEnvironment, loadFunctions } from '../../infra/local/aws/functions.ts';
import { startFront } from '../../infra/local/aws/http-front.ts';
import { startJsonServices } from '../../infra/local/aws/json-services.ts';
import { startLambdaEndpoint } from '../../infra/local/aws/lambda-endpoint.ts';
import { scheduledEvent } from '../../infra/local/aws/schedule.ts';
import { type LocalQueue, startWorkQueue } from '../../infra/local/aws/work-queue.ts';
import { createCleanup } from '../../infra/local/cleanup.ts';
import { type FrabitTable, openFrabitTable } from '../../infra/local/frabit/frabit-table.ts';
import { OA_NODE } from '../../infra/local/names.ts';
import { type FeishuSimulator, startFeishuSimulator } from '../../infra/local/simulators/feishu/server.ts';
import { type OaSimulator, startOaSimulator } from '../../infra/local/simulators/oa/server.ts';
import { requestUrl } from '../../infra/local/start/stack-outputs.ts';
import { registerOa } from '../../infra/local/start/start-oa.ts';
import { aSigningSecret, declareApp } from '../support/secrets.ts';
import { countInvocations, type DerivedMetrics, deriveMetrics } from './aws-metrics.ts';
import { type DatabaseServer, startDatabaseServer } from './database-server.ts';
import { createEventSources } from './event-sources.ts';
import { type Failing, startFailingProxy } from './failing-proxy.ts';
import { readFunctionOutput } from './function-output.ts';
import { createMetricsStore, type MetricsStore, MINUTE_MS } from './metrics-store.ts';
import { installSetClock } from './set-clock.ts';

/**
 * The local stack with a set clock, moved by a drill minute by minute: the real functions, the simulators, the queue,
 * the secrets and the HTTP front of `npm start`, and the tables in memory. Nothing runs by itself.
 */
export interface DrillStack {
  /** What the functions emitted, and the AWS metrics that can be derived honestly (`aws-metrics.ts`). */
  store: MetricsStore;
  feishu: FeishuSimulator;
  oa: OaSimulator;
  frabit: FrabitTable;
  frontUrl: string;
  database: DatabaseServer;
  queue: LocalQueue;
  /** The failures of the queue's API, for the functions only. */
  queueFailing: Failing;
  mappings: readonly Mapping[];
  /** Whether the event bus works. */
  busIsUp: boolean;
  /** Whether the schedule invokes the sweep. */
  sweepIsOn: boolean;
  now(): number;
  /** Sends what waits in the streams and the queue to the functions, until nothing is left that can be handled now. */
  settle(): Promise<void>;
  /**
   * Lets minutes pass, by default one: the sweep at their beginning, and hints when they come up. More than one saves
   * time when nothing happens; the sweep then runs once for all of them.
   */
  pass(minutes?: number): Promise<void>;
  /** Saves the present keys of the app, as an operator does. */
  saveKeys(): Promise<void>;
  /** Ends all faults, removes all issues, rounds, hints and metrics, enables approvals again, and moves on a day. */
  startAfresh(): Promise<void>;
  stop(): Promise<void>;
}

const START = '2026-03-02T08:00:00.000Z';
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SECRET_NAME = 'frabit-feishu';
const EXTERNAL_SECRET_NAME = 'frabit-external';
/** Within a minute: when hints that were hidden for a moment are received again. Seconds after its beginning. */
const LOOKS_AT_SECONDS = [3, 10, 30] as const;
/** So that a day has reminders. */
const REMINDER_HOURS = 2;
/** Real time. */
const WEBHOOKS_WITHIN_MS = 10_000;

export async function startDrillStack(stackName: string): Promise<DrillStack> {
  const cleanup = createCleanup();
  const setClock = installSetClock(START);
  cleanup.add(() => setClock.uninstall());
  const { now, clock } = setClock;
  const store = createMetricsStore();
  const aws: DerivedMetrics = deriveMetrics(store, now);

  const queue = await startWorkQueue();
  cleanup.add(() => queue.stop());
  const services = await startJsonServices({
    secretName: SECRET_NAME,
    externalSecretName: EXTERNAL_SECRET_NAME,
    onEvent() {
      if (!stack.busIsUp) throw new AwsError('InternalException', 'a fault of the drill', 500);
    },
  });
  cleanup.add(() => services.close());
  const mappings = createMappings();
  const lambda = await startLambdaEndpoint(() => undefined, mappings);
  cleanup.add(() => lambda.close());
  const failedRecords = await openFailedRecords(queue.endpoint);
  cleanup.add(() => failedRecords.close());
  const feishu = await startFeishuSimulator({ clock });
  cleanup.add(() => feishu.close());
  const signingSecret = aSigningSecret();
  const oa = await startOaSimulator({ clock, signingSecret, nodeId: OA_NODE.nodeId });
  cleanup.add(() => oa.close());
  const database = await startDatabaseServer(now);
  cleanup.add(() => database.close());
  const frabit = openFrabitTable(database.url);
  cleanup.add(() => frabit.close());

  cleanup.add(readFunctionOutput(store));
  const proxy = await startFailingProxy(queue.endpoint);
  cleanup.add(() => proxy.close());
  const viaProxy = (url: string) => url.replace(queue.endpoint, proxy.url);
  const environment = functionEnvironment({
    dynamoDb: database.url,
    sqs: proxy.url,
    aws: services.url,
    lambda: lambda.url,
    mappingIds: mappings.map(({ id }) => id),
    workQueueUrl: viaProxy(queue.queueUrl),
    deadLetterUrl: viaProxy(queue.deadLetterUrl),
    secretName: SECRET_NAME,
    externalSecretName: EXTERNAL_SECRET_NAME,
    feishuBaseUrl: feishu.url,
    larkBaseUrl: feishu.larkUrl,
    logLevel: 'INFO',
    callsPerMinute: 100,
  });
  const functions: Functions = countInvocations(
    await loadFunctions({
      ...environment,
      // The emulator of SQS is one of S3, too; the proxy is not.
      AWS_ENDPOINT_URL_S3: queue.endpoint,
      POWERTOOLS_SERVICE_NAME: stackName,
      // Repeats of the SDK would take real time, and change no metric.
      AWS_MAX_ATTEMPTS: '1',
    }),
    aws,
  );
  const front = await startFront(0, {
    functions,
    isReady: () => true,
    describe: () => ({}),
    console: async () => false,
    onAnswered: ({ status }) => aws.answered(status),
  });
  cleanup.add(() => front.close());
  const sources = createEventSources({ functions, database, queue, mappings, onBatch: aws.passed, now });

  /** Feishu and the OA have sent what they send now. Their retries wait for the clock. */
  async function webhooksSent(): Promise<void> {
    const deadline = performance.now() + WEBHOOKS_WITHIN_MS;
    do {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (performance.now() > deadline) throw new Error('A webhook does not answer.');
    } while (feishu.isSending() || oa.isSending());
  }

  /** Resolves to whether anything was handled. */
  async function settle(): Promise<boolean> {
    for (let wasBusy = false; ; wasBusy = true) {
      await webhooksSent();
      if ((await sources.pass()) === 0) return wasBusy;
    }
  }

  async function saveKeys(): Promise<void> {
    declareApp(feishu.app);
    feishu.control.setEventUrl(requestUrl(front.url));
    const saved = await fetch(`${front.url}/settings/feishu`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...feishu.app, domain: 'feishu', reminderHours: REMINDER_HOURS }),
    });
    if (!saved.ok) throw new Error(`The settings were not saved: ${saved.status}.`);
    await feishu.control.verifyRequestUrl();
    await settle();
  }

  const stack: DrillStack = {
    store,
    feishu,
    oa,
    frabit,
    frontUrl: front.url,
    database,
    queue,
    queueFailing: proxy.failing,
    mappings,
    busIsUp: true,
    sweepIsOn: true,
    now,
    async settle() {
      await settle();
    },
    saveKeys,
    async pass(minutes = 1) {
      const begin = Math.floor(now() / MINUTE_MS) * MINUTE_MS;
      const end = begin + minutes * MINUTE_MS;
      let isBusy = await settle();
      if (stack.sweepIsOn) await invoke(functions.sweepApprovals, 'sweep');
      if (Math.floor(begin / HOUR_MS) !== Math.floor(end / HOUR_MS))
        await invoke(functions.manageSettings, 'hourly');
      isBusy = (await settle()) || isBusy;
      for (const seconds of LOOKS_AT_SECONDS) {
        if (!isBusy && !sources.hasHidden()) break;
        await setClock.advanceTo(begin + seconds * 1000, webhooksSent);
        await settle();
      }
      aws.deadLetters(await queue.deadLetters());
      await setClock.advanceTo(end, webhooksSent);
    },
    async startAfresh() {
      feishu.control.behave();
      oa.control.behave();
      database.failing.end();
      proxy.failing.end();
      stack.busIsUp = true;
      stack.sweepIsOn = true;
      for (const mapping of mappings) mapping.isOn = true;
      sources.clear();
      database.clear();
      for (const QueueUrl of [queue.queueUrl, queue.deadLetterUrl])
        await queue.client.send(new PurgeQueueCommand({ QueueUrl }));
      await setClock.advanceTo((Math.floor(now() / DAY_MS) + 1) * DAY_MS + 8 * HOUR_MS, webhooksSent);
      await saveKeys();
      await registerOa({ simulator: oa, signingSecret }, front.url, true);
      await settle();
      store.clear();
      // The clock is a moment past the full minute.
      await setClock.advanceTo(Math.ceil(now() / MINUTE_MS) * MINUTE_MS, webhooksSent);
    },
    stop: () => cleanup.runAll(),
  };
  return stack;
}

/** A function that fails does not end the schedule. */
async function invoke(run: (event: ScheduledEvent) => Promise<unknown>, rule: string): Promise<void> {
  await run(scheduledEvent(rule, new Date())).catch(() => undefined);
}

export const newIssueId = (): string => `drill-${randomUUID().slice(0, 8)}`;
