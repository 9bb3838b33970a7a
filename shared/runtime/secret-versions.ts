import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type * as z from 'zod';
import { awsCallError } from './aws-errors.ts';
import { AppError } from './errors.ts';
import { safeParse } from './safe-parse.ts';

/** Describes one of the JSON secrets of docs/contract.md 3. */
export interface SecretKind<S> {
  /** The environment variable that holds its ARN. Errors name it. */
  variable: string;
  /** For messages, as in "The Feishu secret is not JSON". */
  name: string;
  schema: z.ZodType<S>;
  /** Its form, for messages. */
  form: string;
  /** Used while the secret has no value. */
  none: S;
}

export interface SecretPlace {
  secretsManager: SecretsManagerClient;
  /** ARN or name. */
  secretId: string;
}

export interface SecretVersion<S> {
  versionId: string | undefined;
  createdAt: Date | undefined;
  secret: S;
}

export const emptyVersion = <S>({ none }: SecretKind<S>): SecretVersion<S> => ({
  versionId: undefined,
  createdAt: undefined,
  secret: none,
});

/** Returns the previous version. Null if it is missing or invalid: that must not stop the use of the current one. */
export async function readPrevious<S>(
  kind: SecretKind<S>,
  place: SecretPlace,
): Promise<SecretVersion<S> | null> {
  try {
    return (await readVersion(kind, place, 'AWSPREVIOUS')) ?? null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'SECRET_INVALID') return null;
    throw error;
  }
}

/**
 * Reads a version, without a cache. Returns undefined if the secret exists but has no value at this stage. Rejects with
 * an `AppError`: `SECRET_MISSING`, `SECRET_INVALID` or one of `secretError`.
 */
export async function readVersion<S>(
  kind: SecretKind<S>,
  { secretsManager, secretId }: SecretPlace,
  stage: 'AWSCURRENT' | 'AWSPREVIOUS',
): Promise<SecretVersion<S> | undefined> {
  try {
    const answer = await secretsManager.send(
      new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage }),
    );
    return {
      versionId: answer.VersionId,
      createdAt: answer.CreatedDate,
      secret: parseSecret(kind, answer.SecretString),
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (!(error instanceof ResourceNotFoundException)) throw secretError(error);
    // A missing secret and a missing value have the same exception. Only the message differs.
    if (stage === 'AWSPREVIOUS' || /secret value/i.test(error.message)) return undefined;
    throw new AppError('SECRET_MISSING', `The secret named by ${kind.variable} does not exist.`);
  }
}

function parseSecret<S>({ name, form, schema }: SecretKind<S>, text: string | undefined): S {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    throw new AppError('SECRET_INVALID', `The ${name} is not JSON. It must hold ${form}.`);
  }
  const parsed = safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
  throw new AppError('SECRET_INVALID', `The ${name} is invalid. ${problems.join('; ')}`);
}

/**
 * Returns the error of a failed call of Secrets Manager: `RIGHT_MISSING` if IAM or a key policy denies it,
 * `SECRET_REFUSED` if the call is not accepted, else `SECRET_UNAVAILABLE`. All are retryable.
 */
export const secretError = (cause: unknown): AppError =>
  awsCallError(cause, {
    missingRight: 'The right to use a secret in Secrets Manager is missing.',
    refused: ['SECRET_REFUSED', 'Secrets Manager does not accept a call.'],
    busy: ['SECRET_UNAVAILABLE', 'Secrets Manager is busy or did not answer.'],
  });
