import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';

/**
 * The `-c` options of the stack (docs/contract.md 6). Values from the command line are strings, those from cdk.json may
 * be booleans or numbers.
 */
const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
const ALARMS = ['all', 'essential', 'none'] as const;

/** How many workers run at most (docs/design.md 4.9). */
export const WORKERS = 5;
/** Days after the end of an issue. A month leaves time to look into what happened. */
const MIN_RETENTION_DAYS = 30;

/** What CloudWatch Logs accepts, in days. The CDK has one value more, which keeps logs for ever. */
const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

const TABLE_NAME = /^[A-Za-z0-9_.-]{3,255}$/;
const STREAM_ARN =
  /^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/([A-Za-z0-9_.-]{3,255})\/stream\/[0-9T:.-]+$/;
const TOPIC_ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;
const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

const MAX_EMAIL = 254;
/** A description of an alarm has room for 1,024 characters. */
const RUNBOOK_URL = /^[^\s#]{1,500}$/;

const text = (rule: string) => z.string({ error: `must be ${rule}` });

const yesOrNo = (unset: 'true' | 'false') =>
  z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default(unset)
    .transform((word) => word === 'true');

const wholeNumber = (min: number) => {
  const rule = `must be a whole number, at least ${min}`;
  return z
    .string({ error: rule })
    .regex(/^\d{1,6}$/, { error: rule })
    .transform(Number)
    .refine((value) => value >= min, { error: rule });
};

const contextSchema = z
  .object({
    stackName: text('a text')
      .regex(STACK_NAME, { error: 'must be letters, digits and hyphens, beginning with a letter' })
      .default('FrabitImApproval'),
    issueTableName: text('the name of a DynamoDB table')
      .regex(TABLE_NAME, { error: 'must be the name of a DynamoDB table' })
      .optional(),
    issueTableStreamArn: text("the ARN of a DynamoDB table's stream")
      .regex(STREAM_ARN, { error: "must be the ARN of a DynamoDB table's stream" })
      .optional(),
    retain: yesOrNo('true'),
    feishuBaseUrl: text('an http or https origin')
      .refine(isOrigin, { error: 'must be an http or https origin without a path' })
      .transform((url) => new URL(url).origin)
      .optional(),
    alarmEmail: z
      .email({ error: 'must be an e-mail address' })
      .max(MAX_EMAIL, { error: 'must be an e-mail address' })
      .optional(),
    alarmTopicArn: text('the ARN of a standard SNS topic')
      .regex(TOPIC_ARN, { error: 'must be the ARN of a standard SNS topic' })
      .optional(),
    alarms: z.enum(ALARMS, { error: `must be one of ${ALARMS.join(', ')}` }).default('all'),
    runbookUrl: text('a path or an address without spaces and without #')
      .regex(RUNBOOK_URL, { error: 'must be a path or an address without spaces and without #' })
      .default('docs/operate.md'),
    logLevel: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('INFO'),
    logRetentionDays: z
      .enum(LOG_RETENTION_DAYS.map(String), { error: `must be one of ${LOG_RETENTION_DAYS.join(', ')}` })
      .default('90')
      .transform((days): RetentionDays => Number(days)),
    tracing: yesOrNo('false'),
    roundRetentionDays: wholeNumber(MIN_RETENTION_DAYS).optional(),
    shownRetentionDays: wholeNumber(MIN_RETENTION_DAYS).optional(),
    receiverConcurrency: wholeNumber(1).optional(),
    workerConcurrency: wholeNumber(WORKERS).optional(),
  })
  .check((context) => {
    const { issueTableName: name, issueTableStreamArn: arn } = context.value;
    const tableOfStream = arn?.match(STREAM_ARN)?.[1];
    const comparable = name !== undefined && TABLE_NAME.test(name) && tableOfStream !== undefined;
    if (comparable && tableOfStream !== name) {
      context.issues.push({
        code: 'custom',
        input: arn,
        path: ['issueTableStreamArn'],
        message: `must be the stream of issueTableName (${name})`,
      });
    }
    const { roundRetentionDays, shownRetentionDays: shown } = context.value;
    const rounds = Number(roundRetentionDays);
    // A wrong number is reported by its own rule.
    if (
      rounds >= MIN_RETENTION_DAYS &&
      Number.isInteger(rounds) &&
      Number(shown ?? Number.POSITIVE_INFINITY) > rounds
    ) {
      context.issues.push({
        code: 'custom',
        input: shown,
        path: ['shownRetentionDays'],
        message: `must be given, and at most roundRetentionDays (${rounds}): what was shown cannot outlive its round`,
      });
    }
    for (const name of ['alarmEmail', 'alarmTopicArn'] as const) {
      if (context.value.alarms !== 'none' || context.value[name] === undefined) continue;
      context.issues.push({
        code: 'custom',
        input: context.value[name],
        path: [name],
        message: 'has no use with alarms=none',
      });
    }
  });

type StackContext = z.infer<typeof contextSchema>;

export interface StackOptions extends Omit<StackContext, 'issueTableName' | 'issueTableStreamArn'> {
  /** Frabit's existing Issues table; absent: the stack makes one. */
  issueTable?: { tableName: string; streamArn: string };
}

type ReadContext = { ok: true; options: StackOptions } | { ok: false; problems: string[] };

/**
 * Reads all options before it fails, so that one run reports every problem, one line each. Ignores other context keys:
 * they belong to the CDK.
 */
export function readContext(lookup: (key: string) => unknown): ReadContext {
  const given = Object.fromEntries(
    Object.keys(contextSchema.shape).map((key) => {
      const value = lookup(key) ?? undefined;
      return [key, typeof value === 'boolean' || typeof value === 'number' ? String(value) : value];
    }),
  );
  const parsed = contextSchema.safeParse(given);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `-c ${issue.path.join('.')}: ${issue.message}.`);
  problems.push(...halfPair(given.issueTableName, given.issueTableStreamArn));
  if (!parsed.success || problems.length > 0) return { ok: false, problems };

  const { issueTableName, issueTableStreamArn, ...options } = parsed.data;
  if (issueTableName === undefined || issueTableStreamArn === undefined) return { ok: true, options };
  const issueTable = { tableName: issueTableName, streamArn: issueTableStreamArn };
  return { ok: true, options: { ...options, issueTable } };
}

function halfPair(name: unknown, arn: unknown): string[] {
  if ((name === undefined) === (arn === undefined)) return [];
  const [given, missing] =
    name === undefined
      ? ['issueTableStreamArn', 'issueTableName']
      : ['issueTableName', 'issueTableStreamArn'];
  return [`-c ${given} needs -c ${missing}: give both to use your own table, or neither for a new one.`];
}

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && (value === url.origin || value === `${url.origin}/`);
}
