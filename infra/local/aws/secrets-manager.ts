import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { REGION } from '../names.ts';
import { AwsError, type Operation } from './aws-operation.ts';

const readSchema = z.object({
  SecretId: z.string(),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});
const writeSchema = z.object({
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

interface Secret {
  arn: string;
  name: string;
  versions: SecretVersion[];
}

interface SecretVersion {
  id: string;
  value: string;
  stages: string[];
  createdAt: Date;
}

export const arnOf = (name: string): string =>
  `arn:aws:secretsmanager:${REGION}:000000000000:secret:${name}-local1`;

/** Keeps secrets of these names, at first without values, with the staging labels AWSCURRENT and AWSPREVIOUS. */
export function secretsManager(names: readonly string[], now: () => Date): Record<string, Operation> {
  const secrets = new Map(
    names.flatMap((name) => {
      const secret: Secret = { arn: arnOf(name), name, versions: [] };
      return [[name, secret] as const, [secret.arn, secret] as const];
    }),
  );
  const find = (id: string): Secret => {
    const secret = secrets.get(id);
    if (secret) return secret;
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  };
  return {
    'secretsmanager.GetSecretValue': (input) => {
      const { SecretId, ...wanted } = readSchema.parse(input);
      return read(find(SecretId), wanted);
    },
    'secretsmanager.PutSecretValue': (input) => {
      const { SecretId, ...value } = writeSchema.parse(input);
      return put(find(SecretId), value, now());
    },
    'secretsmanager.UpdateSecretVersionStage': (input) => {
      const { SecretId, ...move } = stageMoveSchema.parse(input);
      return moveStage(find(SecretId), move);
    },
    'secretsmanager.DescribeSecret': (input) => {
      const { arn, name, versions } = find(readSchema.parse(input).SecretId);
      const stages = Object.fromEntries(
        versions
          .filter((version) => version.stages.length > 0)
          .map((version) => [version.id, version.stages]),
      );
      return { ARN: arn, Name: name, VersionIdsToStages: stages };
    },
  };
}

function read(
  { arn, name, versions }: Secret,
  { VersionId, VersionStage }: { VersionId?: string | undefined; VersionStage?: string | undefined },
) {
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
}

function put(
  secret: Secret,
  { SecretString, ClientRequestToken }: { SecretString: string; ClientRequestToken?: string | undefined },
  createdAt: Date,
) {
  const { arn, name, versions } = secret;
  const id = ClientRequestToken ?? randomUUID();
  const same = versions.find((version) => version.id === id);
  if (same && same.value !== SecretString) {
    throw new AwsError('ResourceExistsException', 'a version with this token and another value exists');
  }
  if (!same) {
    const previous = versions.find(({ stages }) => stages.includes('AWSCURRENT'));
    secret.versions = [
      { id, value: SecretString, stages: ['AWSCURRENT'], createdAt },
      ...versions.map((version) => ({ ...version, stages: version === previous ? ['AWSPREVIOUS'] : [] })),
    ];
  }
  return { ARN: arn, Name: name, VersionId: id, VersionStages: ['AWSCURRENT'] };
}

function moveStage(
  secret: Secret,
  move: { VersionStage: string; MoveToVersionId: string; RemoveFromVersionId: string },
) {
  const { VersionStage, MoveToVersionId, RemoveFromVersionId } = move;
  const { arn, name, versions } = secret;
  const holder = versions.find(({ stages }) => stages.includes(VersionStage));
  if (holder?.id !== RemoveFromVersionId || !versions.some(({ id }) => id === MoveToVersionId)) {
    throw new AwsError(
      'InvalidParameterException',
      'the label is not on that version, or there is no such version',
    );
  }
  secret.versions = versions.map((version) => {
    const others = version.stages.filter((stage) => stage !== VersionStage);
    return { ...version, stages: version.id === MoveToVersionId ? [...others, VersionStage] : others };
  });
  return { ARN: arn, Name: name };
}
