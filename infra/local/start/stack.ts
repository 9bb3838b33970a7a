import { join } from 'node:path';
import { startDynamoDb } from '../aws/dynamodb.ts';
import { createMappings, startEventSourceMappings } from '../aws/event-source-mappings.ts';
import { openFailedRecords } from '../aws/failed-records.ts';
import { type Functions, functionEnvironment, loadFunctions } from '../aws/functions.ts';
import { startFront } from '../aws/http-front.ts';
import { startJsonServices } from '../aws/json-services.ts';
import { findInvocable, startLambdaEndpoint } from '../aws/lambda-endpoint.ts';
import { HOUR_MS, MINUTE_MS, startSchedule } from '../aws/schedule.ts';
import { startWorkQueue } from '../aws/work-queue.ts';
import type { Cleanup } from '../cleanup.ts';
import type { Environment } from '../environment.ts';
import { createConsole, newIssueId } from '../frabit/console-routes.ts';
import { demoIssue } from '../frabit/frabit.ts';
import { openFrabitTable } from '../frabit/frabit-table.ts';
import { createStory, type Story } from '../frabit/story.ts';
import type { FeishuAppValues, LocalConfig } from './config.ts';
import type { Enabled } from './enable-feishu.ts';
import { describeStack } from './stack-outputs.ts';
import { enableOnStart, startFeishu } from './start-feishu.ts';
import { registerOa, startOa } from './start-oa.ts';

const SECRET_NAME = 'frabit-feishu';
const EXTERNAL_SECRET_NAME = 'frabit-external';

export interface LocalStack {
  frontUrl: string;
  dynamoDbUrl: string;
  feishu: {
    url: string;
    /** The simulator's address for Lark apps; undefined with another Feishu. */
    larkUrl: string | undefined;
    /** Absent if approvals are not enabled and no values were given. */
    app: FeishuAppValues | undefined;
    inboxUrl: string | undefined;
    /** Absent with `ENABLE=0`: a person enables approvals with the command line. */
    enabled?: Enabled | undefined;
  };
  oa: {
    /** The endpoint and the inbox of the OA simulator. */
    url: string;
    /** For the person who saves the simulator as a node; absent if that is done already. */
    signingSecret?: string | undefined;
  };
  story: Story;
  /** Writes a demo issue. Resolves to its id. */
  seed(): Promise<string>;
  /** Resolves when DynamoDB Local has ended. */
  databaseEnded: Promise<void>;
}

/**
 * Starts everything of docs/contract.md 7 in this process, and DynamoDB Local in another one. Rejects with a
 * CommandProblem; `cleanup` then ends what was started. `onChild` gets a function that kills the child at once.
 */
export async function startStack(
  config: LocalConfig,
  env: Environment,
  cleanup: Cleanup,
  onChild: (kill: () => void) => void,
): Promise<LocalStack> {
  const story = createStory(Date.now);
  const running = startDynamoDb(config.dynamoDbPort, env, onChild);
  // The error is handled below; until then it must not count as unhandled.
  running.catch(() => undefined);
  const queue = await startWorkQueue();
  cleanup.add(() => queue.stop());
  const aws = await startJsonServices({
    secretName: SECRET_NAME,
    externalSecretName: EXTERNAL_SECRET_NAME,
    onEvent: story.onBusEvent,
  });
  cleanup.add(() => aws.close());
  let functions: Functions | undefined;
  const mappings = createMappings();
  const lambda = await startLambdaEndpoint((name) => functions && findInvocable(functions, name), mappings);
  cleanup.add(() => lambda.close());
  const failedRecords = await openFailedRecords(queue.endpoint);
  cleanup.add(() => failedRecords.close());
  const feishu = await startFeishu(config, cleanup);
  const oa = await startOa(config.oaPort, cleanup);

  const database = await running;
  cleanup.add(() => database.stop());
  const table = openFrabitTable(database.endpoint);
  cleanup.add(() => table.close());
  functions = await loadFunctions(
    functionEnvironment({
      dynamoDb: database.endpoint,
      sqs: queue.endpoint,
      aws: aws.url,
      lambda: lambda.url,
      mappingIds: mappings.map(({ id }) => id),
      workQueueUrl: queue.queueUrl,
      deadLetterUrl: queue.deadLetterUrl,
      secretName: SECRET_NAME,
      externalSecretName: EXTERNAL_SECRET_NAME,
      feishuBaseUrl: feishu.url,
      larkBaseUrl: feishu.larkUrl,
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
      oaInboxUrl: `${oa.simulator.url}/`,
      oaNodeId: oa.simulator.nodeId,
      dynamoDbUrl: database.endpoint,
    }),
  });
  const front = await startFront(config.port, {
    functions,
    isReady: () => ready,
    describe: () =>
      describeStack({
        frontUrl,
        database,
        queue,
        secretArn: aws.secretArn,
        externalSecretArn: aws.externalSecretArn,
        lambdaUrl: lambda.url,
        logFile: logFile(config),
      }),
    console: (request, response, path) => page.handle(request, response, path),
  });
  frontUrl = front.url;
  cleanup.add(() => {
    page.close();
    return front.close();
  });
  cleanup.add(
    startEventSourceMappings(functions, {
      database,
      queue,
      failedRecords,
      mappings,
      observer: {
        onIssueChange(record) {
          story.onIssueChange(record);
          page.notifyChanged();
        },
        onHint: story.onHint,
        onGivenUp: (text) => story.addLine(text),
      },
    }),
  );

  await registerOa(oa, frontUrl, config.enable);
  const enabled = config.enable ? await enableOnStart(config, feishu, frontUrl) : undefined;
  const { sweepApprovals, manageSettings } = functions;
  for (const schedule of [
    startSchedule('sweep-approvals', MINUTE_MS, sweepApprovals),
    startSchedule('manage-settings', HOUR_MS, manageSettings),
  ]) {
    cleanup.add(() => schedule.stop());
  }
  ready = true;

  return {
    frontUrl,
    dynamoDbUrl: database.endpoint,
    feishu: {
      url: feishu.url,
      larkUrl: feishu.larkUrl,
      app: feishu.app,
      inboxUrl: feishu.inboxUrl,
      enabled,
    },
    oa: {
      url: oa.simulator.url,
      signingSecret: config.enable ? undefined : oa.signingSecret,
    },
    story,
    databaseEnded: database.ended,
    async seed() {
      const issue = demoIssue(newIssueId(), frontUrl, new Date());
      await table.put(issue);
      return issue.issueId;
    },
  };
}

/** Returns the log file of the functions: one per port, so that two stacks do not share one. */
export const logFile = (config: LocalConfig): string =>
  join(config.stateDirectory, `functions-${config.port || process.pid}.log`);
