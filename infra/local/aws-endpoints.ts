import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as z from 'zod';
import { REGION } from './config.ts';

/** What the AWS SDK gets as an error: its name goes into `__type`. */
class AwsError extends Error {
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

type Operation = (input: unknown) => unknown;

/**
 * The few operations of Secrets Manager and EventBridge that the functions use, as JSON 1.1 over HTTP: one secret,
 * and a bus that hands its events to `onEvent`.
 */
export async function startAwsEndpoints(options: {
  secretName: string;
  onEvent: (event: BusEvent) => void;
  now?: () => Date;
}): Promise<{ url: string; secretArn: string; close(): Promise<void> }> {
  const operations: Record<string, Operation> = {
    ...secretsManager(options.secretName, options.now ?? (() => new Date())),
    'AWSEvents.PutEvents': putEvents(options.onEvent),
  };
  const server = createServer((request, response) => {
    answer(operations, request)
      .then((body) => ({ status: 200, body }))
      .catch((error: unknown) => ({
        status: error instanceof AwsError ? 400 : 500,
        body: {
          __type: error instanceof AwsError ? error.name : 'InternalServiceError',
          message: error instanceof AwsError ? error.message : 'the local endpoint failed',
        },
      }))
      .then(({ status, body }) => {
        response.writeHead(status, {
          'content-type': 'application/x-amz-json-1.1',
          'x-amzn-requestid': randomUUID(),
        });
        response.end(JSON.stringify(body));
      });
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    secretArn: arnOf(options.secretName),
    close: () => closeServer(server),
  };
}

async function answer(operations: Record<string, Operation>, request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = operations[target];
  if (request.method !== 'POST' || !operation) {
    throw new AwsError('UnknownOperationException', `not played locally: ${target}`);
  }
  return operation(JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}'));
}

const secretReadSchema = z.object({
  SecretId: z.string(),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});
const secretWriteSchema = z.object({
  SecretId: z.string(),
  SecretString: z.string(),
  ClientRequestToken: z.string().optional(),
});

const stageMoveSchema = z.object({
  SecretId: z.string(),
  VersionStage: z.string(),
  MoveToVersionId: z.string(),
  RemoveFromVersionId: z.string(),
});

interface SecretVersion {
  id: string;
  value: string;
  stages: string[];
  createdAt: Date;
}

const arnOf = (name: string): string => `arn:aws:secretsmanager:${REGION}:000000000000:secret:${name}-local1`;

/** One secret without a value at first, with the staging labels AWSCURRENT and AWSPREVIOUS. */
function secretsManager(name: string, now: () => Date): Record<string, Operation> {
  const arn = arnOf(name);
  let versions: SecretVersion[] = [];
  const checkName = (id: string) => {
    if (id !== name && id !== arn) {
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
  };
  return {
    'secretsmanager.GetSecretValue': (input) => {
      const { SecretId, VersionId, VersionStage } = secretReadSchema.parse(input);
      checkName(SecretId);
      const stage = VersionStage ?? (VersionId ? undefined : 'AWSCURRENT');
      const version = versions.find(
        ({ id, stages }) => (!VersionId || id === VersionId) && (!stage || stages.includes(stage)),
      );
      if (!version) {
        throw new AwsError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for ${stage ? `staging label: ${stage}` : `VersionId: ${VersionId}`}`,
        );
      }
      return {
        ARN: arn,
        Name: name,
        VersionId: version.id,
        VersionStages: version.stages,
        SecretString: version.value,
        CreatedDate: version.createdAt.getTime() / 1000,
      };
    },
    'secretsmanager.PutSecretValue': (input) => {
      const { SecretId, SecretString, ClientRequestToken } = secretWriteSchema.parse(input);
      checkName(SecretId);
      const id = ClientRequestToken ?? randomUUID();
      const same = versions.find((version) => version.id === id);
      if (same && same.value !== SecretString) {
        throw new AwsError('ResourceExistsException', 'a version with this token and another value exists');
      }
      if (!same) {
        const previous = versions.find(({ stages }) => stages.includes('AWSCURRENT'));
        const created = { id, value: SecretString, stages: ['AWSCURRENT'], createdAt: now() };
        versions = [
          created,
          ...versions.map((version) => ({ ...version, stages: version === previous ? ['AWSPREVIOUS'] : [] })),
        ];
      }
      return { ARN: arn, Name: name, VersionId: id, VersionStages: ['AWSCURRENT'] };
    },
    'secretsmanager.UpdateSecretVersionStage': (input) => {
      const { SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId } = stageMoveSchema.parse(input);
      checkName(SecretId);
      const holder = versions.find(({ stages }) => stages.includes(VersionStage));
      if (holder?.id !== RemoveFromVersionId || !versions.some(({ id }) => id === MoveToVersionId)) {
        throw new AwsError('InvalidParameterException', 'the label is not on that version, or there is none');
      }
      versions = versions.map((version) => {
        const others = version.stages.filter((stage) => stage !== VersionStage);
        return { ...version, stages: version.id === MoveToVersionId ? [...others, VersionStage] : others };
      });
      return { ARN: arn, Name: name };
    },
    'secretsmanager.DescribeSecret': (input) => {
      checkName(secretReadSchema.parse(input).SecretId);
      const stages = Object.fromEntries(
        versions
          .filter((version) => version.stages.length > 0)
          .map((version) => [version.id, version.stages]),
      );
      return { ARN: arn, Name: name, VersionIdsToStages: stages };
    },
  };
}

const busEventSchema = z.object({
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  EventBusName: z.string().optional(),
});
const putEventsSchema = z.object({ Entries: z.array(z.unknown()).min(1).max(10) });

export type BusEvent = z.infer<typeof busEventSchema>;

/** Takes at most ten entries a call and refuses single ones, as the service does. */
function putEvents(onEvent: (event: BusEvent) => void): Operation {
  return (input) => {
    const parsed = putEventsSchema.safeParse(input);
    if (!parsed.success) throw new AwsError('ValidationException', 'Entries must have 1 to 10 members');
    const entries = parsed.data.Entries.map((entry) => {
      const event = busEventSchema.safeParse(entry);
      if (!event.success) {
        return { ErrorCode: 'InvalidArgument', ErrorMessage: 'Source, DetailType and Detail are required' };
      }
      if (!isJson(event.data.Detail))
        return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
      onEvent(event.data);
      return { EventId: randomUUID() };
    });
    return { FailedEntryCount: entries.filter((entry) => 'ErrorCode' in entry).length, Entries: entries };
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Listens on the loopback; 0 takes a free port. Returns the port. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
