import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';

/** All objects are below this prefix: those of Lambda, and those of the functions. */
const PREFIX = 'aws/lambda/';

const recordsSchema = z.object({
  Records: z.array(
    z.object({
      dynamodb: z
        .object({ Keys: z.record(z.string(), z.object({ S: z.string().optional() })).optional() })
        .optional(),
    }),
  ),
});

/**
 * What Lambda writes for a batch of stream records that a function failed on until they were too old (Lambda Developer
 * Guide, "Configuring destinations for failed invocations"). A function writes the same for a record that cannot
 * succeed (shared/runtime/failed-records.ts). `payload`: the event as JSON text.
 */
const invocationSchema = z.object({
  requestContext: z.object({
    functionArn: z.string(),
    condition: z.string(),
    approximateInvokeCount: z.number().optional(),
  }),
  timestamp: z.string(),
  payload: z.string(),
});

export interface FailedBatch {
  key: string;
  /** Without a version or alias. */
  functionArn: string;
  condition: string;
  at: string;
  issueIds: string[];
  records: number;
  /** Contains SQL: only for the function. */
  payload: string;
}
type FailedObject = FailedBatch | { key: string; unreadable: true };

export interface FailedPlace {
  s3: S3Client;
  bucket: string;
}

export async function listKeys({ s3, bucket }: FailedPlace): Promise<string[]> {
  const keys: string[] = [];
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: PREFIX });
  for await (const { Contents = [] } of pages) {
    keys.push(...Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
  }
  return keys;
}

/** Returns undefined if the object does not exist any more. */
export async function readFailed(
  { s3, bucket }: FailedPlace,
  key: string,
): Promise<FailedObject | undefined> {
  let text: string;
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    text = (await Body?.transformToString('utf8')) ?? '';
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
  try {
    const { requestContext, timestamp, payload } = invocationSchema.parse(JSON.parse(text));
    const { Records } = recordsSchema.parse(JSON.parse(payload));
    return {
      key,
      functionArn: requestContext.functionArn.split(':').slice(0, 7).join(':'),
      condition: requestContext.condition,
      at: timestamp,
      issueIds: [...new Set(Records.flatMap(({ dynamodb }) => issueOf(dynamodb?.Keys ?? {})))],
      records: Records.length,
      payload,
    };
  } catch {
    // The message of the parser could contain parts of a record.
    return { key, unreadable: true };
  }
}

/** By the key of the Issues table, or by the partition of the Approvals table: `ISSUE#<id>`. */
function issueOf(keys: Record<string, { S?: string | undefined }>): string[] {
  const id = keys.issueId?.S ?? keys.pk?.S?.replace(/^ISSUE#/, '');
  return id === undefined ? [] : [id];
}

export const describeFailed = (object: FailedObject) => {
  if ('unreadable' in object) return { key: object.key, unreadable: true };
  const { payload: _, functionArn, ...rest } = object;
  return { function: functionArn.split(':')[6] ?? functionArn, ...rest };
};

const answerSchema = z.object({ batchItemFailures: z.array(z.unknown()).nullish() }).nullish();

/**
 * Invokes the function again with its records, and deletes the object only if the function processed all. Returns
 * undefined then, else what is wrong, without any part of a record.
 */
export async function redriveFailed(
  { s3, bucket }: FailedPlace,
  lambda: LambdaClient,
  object: FailedBatch,
): Promise<string | undefined> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: object.functionArn,
      InvocationType: 'RequestResponse',
      Payload: Buffer.from(redrivenEvent(object.payload), 'utf8'),
    }),
  );
  if (FunctionError) return 'the function failed';
  const text = Payload === undefined ? '' : Buffer.from(Payload).toString('utf8');
  const answer = answerSchema.safeParse(readJson(text));
  if (!answer.success) return 'the function returned an unknown answer';
  const failures = answer.data?.batchItemFailures?.length ?? 0;
  if (failures > 0) return `the function failed on ${failures} of ${object.records} records`;
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: object.key }));
  return undefined;
}

/** Tells the function that its records are stored: it reports a record that fails, and does not store it again. */
const redrivenEvent = (payload: string): string => JSON.stringify({ ...JSON.parse(payload), redriven: true });

function readJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
