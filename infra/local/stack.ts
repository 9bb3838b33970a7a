import { join } from 'node:path';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { startAwsEndpoints } from './aws-endpoints.ts';
import {
  type Environment,
  type FeishuAppValues,
  LOCAL_CREDENTIALS,
  type LocalConfig,
  REGION,
} from './config.ts';
import { createConsole, newIssueId } from './console-routes.ts';
import { startDynamoDb } from './dynamodb.ts';
import { dynamoDbStream } from './dynamodb-stream.ts';
import { type Enabled, enableFeishu } from './enable.ts';
import { scaledLimits } from './feishu-simulator/limits.ts';
import { startFeishuSimulator } from './feishu-simulator/server.ts';
import { demoIssue } from './frabit.ts';
import { openFrabitTable } from './frabit-table.ts';
import { startFront } from './front.ts';
import { type Functions, functionEnvironment, loadFunctions } from './functions.ts';
import { startQueuePump } from './queues.ts';
import { startSchedule } from './schedule.ts';
import { createStory, type Story } from './story.ts';
import { startStreamPump } from './streams.ts';
import { startWorkQueue } from './work-queue.ts';

const SECRET_NAME = 'frabit-feishu';

export interface LocalStack {
  frontUrl: string;
  dynamoDbUrl: string;
  feishu: { url: string; app: FeishuAppValues; inboxUrl: string | undefined; enabled: Enabled };
  story: Story;
  /** Writes the demo issue; returns its id. */
  seed(): Promise<string>;
  /** Resolves when DynamoDB Local has ended by itself. */
  databaseEnded: Promise<void>;
}

/** Where things that were started are put, so that every way out can end them, the last one first. */
export interface Cleanup {
  add(stop: () => Promise<void> | void): void;
}

/**
 * Starts everything of CONTRACT section 7 in this process, DynamoDB Local beside it. Rejects with a StartProblem;
 * whatever was started by then is in `cleanup`. `onChild` gets what kills the child at once.
 */
export async function startStack(
  config: LocalConfig,
  env: Environment,
  cleanup: Cleanup,
  onChild: (kill: () => void) => void,
): Promise<LocalStack> {
  const story = createStory(Date.now);
  const running = startDynamoDb(config.dynamoDbPort, env, onChild);
  // Handled where it is awaited; until then it must not count as unhandled.
  running.catch(() => undefined);
  const queue = await startWorkQueue();
  cleanup.add(() => queue.stop());
  const aws = await startAwsEndpoints({
    secretName: SECRET_NAME,
    onEvent: story.onBusEvent,
  });
  cleanup.add(() => aws.close());
  const feishu = await startFeishu(config, cleanup);

  const database = await running;
  cleanup.add(() => database.stop());
  const table = openFrabitTable(database.endpoint);
  cleanup.add(() => table.close());
  const functions = await loadFunctions(
    functionEnvironment({
      dynamoDb: database.endpoint,
      sqs: queue.endpoint,
      aws: aws.url,
      workQueueUrl: queue.queueUrl,
      secretName: SECRET_NAME,
      feishuBaseUrl: feishu.url,
      logLevel: config.logLevel,
      callsPerMinute: config.callsPerMinute,
    }),
  );

  let ready = false;
  let frontUrl = '';
  const page = createConsole({
    table,
    story,
    about: () => ({
      frontUrl,
      feishuUrl: feishu.url,
      inboxUrl: feishu.inboxUrl,
      dynamoDbUrl: database.endpoint,
    }),
  });
  const front = await startFront(config.port, {
    functions,
    isReady: () => ready,
    console: (request, response, path) => page.handle(request, response, path),
  });
  frontUrl = front.url;
  cleanup.add(() => {
    page.close();
    return front.close();
  });
  cleanup.add(startPumps(functions, { database, queue, story, notifyChanged: page.notifyChanged }));

  feishu.simulator?.control.setEventUrl(`${frontUrl}/feishu/events`);
  const { ownFeishu } = config;
  const enabled = await enableFeishu({
    frontUrl,
    app: feishu.app,
    baseUrl: feishu.url,
    approvalCode: ownFeishu?.approvalCode,
    ...(ownFeishu && { keep: { directory: config.stateDirectory } }),
  });
  await feishu.simulator?.control.verifyRequestUrl();
  const schedule = startSchedule(functions.sweepApprovals);
  cleanup.add(() => schedule.stop());
  ready = true;

  return {
    frontUrl,
    dynamoDbUrl: database.endpoint,
    feishu: { url: feishu.url, app: feishu.app, inboxUrl: feishu.inboxUrl, enabled },
    story,
    databaseEnded: database.ended,
    async seed() {
      const issue = demoIssue(newIssueId(), frontUrl, new Date());
      await table.put(issue);
      return issue.issueId;
    },
  };
}

async function startFeishu(config: LocalConfig, cleanup: Cleanup) {
  const { ownFeishu } = config;
  if (ownFeishu)
    return { url: ownFeishu.baseUrl, app: ownFeishu.app, inboxUrl: undefined, simulator: undefined };
  const simulator = await startFeishuSimulator({
    port: config.simulatorPort,
    limits: scaledLimits(config.callsPerMinute),
  });
  cleanup.add(() => simulator.close());
  return { url: simulator.url, app: simulator.app, inboxUrl: `${simulator.url}/`, simulator };
}

function startPumps(
  functions: Functions,
  parts: {
    database: Awaited<ReturnType<typeof startDynamoDb>>;
    queue: Awaited<ReturnType<typeof startWorkQueue>>;
    story: Story;
    notifyChanged: () => void;
  },
): () => Promise<void> {
  const { database, queue, story, notifyChanged } = parts;
  const streams = new DynamoDBStreamsClient({
    endpoint: database.endpoint,
    region: REGION,
    credentials: LOCAL_CREDENTIALS,
  });
  const givenUp = (what: string) => (records: unknown[]) =>
    story.tell(`${what} gave up ${records.length} record(s): see the log of the functions`);
  const pumps = [
    startStreamPump({
      source: dynamoDbStream(streams, database.issueStreamArn, REGION),
      deliver: functions.watchIssues,
      observe(record) {
        story.onIssueChange(record);
        notifyChanged();
      },
      giveUp: givenUp('watch-issues'),
    }),
    startStreamPump({
      source: dynamoDbStream(streams, database.approvalStreamArn, REGION),
      deliver: functions.publishApprovalEvents,
      giveUp: givenUp('publish-approval-events'),
    }),
    startQueuePump({
      client: queue.client,
      queueUrl: queue.queueUrl,
      queueArn: queue.queueArn,
      region: REGION,
      deliver: functions.reconcileIssues,
      observe: story.onHint,
    }),
  ];
  return async () => {
    await Promise.all(pumps.map((pump) => pump.stop()));
    streams.destroy();
  };
}

/** Where the functions' logs of a stack go: one file a port, so that two stacks do not mix. */
export const logFile = (config: LocalConfig): string =>
  join(config.stateDirectory, `functions-${config.port || process.pid}.log`);
