import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { AppError } from '../runtime/errors.ts';
import { readItem, SCHEMA_UPDATE, schemaVersion } from '../runtime/stored.ts';
import { settingsKey } from '../tables/keys.ts';
import {
  type Check,
  definitionsSchema,
  type FeishuSettings,
  feishuSettingsSchema,
  ownDefinitionsSchema,
} from './settings.ts';
import { clausesOf, type KeptDefinitions, type KnownDefinitions } from './stored-definitions.ts';

/** Reads the settings, strongly consistent; undefined before anything was enabled. */
export async function readFeishuSettings(
  documents: DynamoDBDocumentClient,
  tableName: string,
): Promise<FeishuSettings | undefined> {
  const item = await readSettingsItem({ documents, tableName });
  // Before the first success the item holds at most a lock and a definition.
  return item?.appId === undefined ? undefined : parseSettings(item);
}

/** The lock is no part of the settings. */
const parseSettings = ({ lock: _, ...item }: Record<string, unknown>): FeishuSettings =>
  readItem(feishuSettingsSchema, item);

/** The definitions that were made or used; known even if enabling failed afterwards (docs/lessons.md 18). */
export async function readDefinitions(place: SettingsPlace): Promise<KnownDefinitions> {
  const item = await readSettingsItem(place);
  return {
    known: definitionsSchema.parse(item?.definitions ?? {}),
    own: ownDefinitionsSchema.parse(item?.ownDefinitions ?? {}),
  };
}

export interface SettingsPlace {
  documents: DynamoDBDocumentClient;
  tableName: string;
}

/** The right to make definitions and to save: held by one at a time, and lost after `LEASE_MS`. */
export interface SettingsLock {
  /** Starts the lease anew; rejects if it was lost meanwhile. */
  renew(): Promise<void>;
  /** Remembers definitions at once, before settings are saved. */
  keepDefinitions(definitions: KeptDefinitions): Promise<void>;
  /**
   * Writes the settings whole, and definitions with them: what is not given goes, but for definitions, and for members
   * that this version does not know; `revision` grows by one.
   */
  save(settings: Omit<FeishuSettings, NotReplaced>, definitions?: KeptDefinitions): Promise<FeishuSettings>;
  release(): Promise<void>;
}

/**
 * Switches everything off at once, without the lock: who is saving at this moment saves afterwards. Resolves to the
 * settings as they stand; undefined before anything was enabled.
 */
export async function switchOff(place: SettingsPlace): Promise<FeishuSettings | undefined> {
  const written = await update(place, {
    UpdateExpression: 'SET enabled = :off, revision = revision + :one',
    ConditionExpression: 'attribute_exists(appId)',
    ExpressionAttributeNames: {},
    ExpressionAttributeValues: { ':off': false, ':one': 1 },
  });
  return written && parseSettings(written);
}

/** Keeps what the doctor found, unless the settings were saved meanwhile. */
export async function keepChecks(place: SettingsPlace, revision: number, checks: Check[]): Promise<void> {
  await update(place, {
    UpdateExpression: 'SET checks = :checks',
    ConditionExpression: 'revision = :revision',
    ExpressionAttributeNames: {},
    ExpressionAttributeValues: { ':checks': checks, ':revision': revision },
  });
}

const NOT_REPLACED = ['definitions', 'ownDefinitions', 'revision'] as const;
type NotReplaced = (typeof NOT_REPLACED)[number];

/** What a save replaces or removes. */
const REPLACED = Object.keys(feishuSettingsSchema.shape).filter(
  (name) => !NOT_REPLACED.some((one) => one === name),
);

/** Longer than the function's 60 s: a holder that still lives is never overtaken. */
const LEASE_MS = 65_000;
const TRY_EVERY_MS = 250;
/** Leaves enough of the 30 s that API Gateway waits for the work itself. */
const WAIT_MS = 12_000;

/**
 * Takes the lock on the settings item; waits for another holder. Rejects with a retryable `SETTINGS_BUSY`.
 * `owner` is unique to this call, `now` in epoch milliseconds.
 */
export async function lockSettings(
  place: SettingsPlace & {
    owner: string;
    now: () => number;
    sleep: (milliseconds: number) => Promise<unknown>;
  },
): Promise<SettingsLock> {
  const { owner, now } = place;
  const lease = () => ({ owner, until: now() + LEASE_MS });
  let schema: number;
  for (let waited = 0; ; waited += TRY_EVERY_MS) {
    const taken = await update(place, {
      UpdateExpression: `SET #lock = :lock, definitions = if_not_exists(definitions, :none), ownDefinitions = if_not_exists(ownDefinitions, :none), ${SCHEMA_UPDATE.set}`,
      ConditionExpression: 'attribute_not_exists(#lock) OR #lock.#until < :now',
      ExpressionAttributeNames: { ...SCHEMA_UPDATE.names, '#lock': 'lock', '#until': 'until' },
      ExpressionAttributeValues: { ...SCHEMA_UPDATE.values, ':lock': lease(), ':none': {}, ':now': now() },
    });
    if (taken) {
      schema = schemaVersion(taken.schema);
      break;
    }
    if (waited >= WAIT_MS) throw busy();
    await place.sleep(TRY_EVERY_MS);
  }

  const whileHeld = async (
    expression: string,
    names: Record<string, string>,
    values: Record<string, unknown>,
  ) => {
    const written = await update(place, {
      UpdateExpression: expression,
      ConditionExpression: '#lock.#owner = :owner',
      ExpressionAttributeNames: { '#lock': 'lock', '#owner': 'owner', ...names },
      ExpressionAttributeValues: { ':owner': owner, ...values },
    });
    if (!written) throw busy();
    return written;
  };

  return {
    async renew() {
      await whileHeld('SET #lock = :lock', {}, { ':lock': lease() });
    },
    async keepDefinitions(definitions) {
      const { sets, removes, names, values } = clausesOf(definitions);
      await whileHeld([clause('SET', sets), clause('REMOVE', removes)].join(' ').trim(), names, values);
    },
    async save(settings, definitions = {}) {
      const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
      const sets = entries.map((_, index) => `#n${index} = :v${index}`);
      const given = new Set(entries.map(([name]) => name));
      const gone = REPLACED.filter((name) => !given.has(name));
      const kept = clausesOf(definitions);
      const removes = [...gone.map((_, index) => `#g${index}`), ...kept.removes];
      return parseSettings(
        await whileHeld(
          `${clause('SET', [...sets, ...kept.sets, 'revision = if_not_exists(revision, :zero) + :one', '#schema = :schema'])} ${clause('REMOVE', removes)}`.trim(),
          Object.fromEntries([
            ['#schema', 'schema'] as const,
            ...Object.entries(kept.names),
            ...entries.map(([name], index) => [`#n${index}`, name] as const),
            ...gone.map((name, index) => [`#g${index}`, name] as const),
          ]),
          {
            ...kept.values,
            ...Object.fromEntries(entries.map(([, value], index) => [`:v${index}`, value])),
            ':schema': schema,
            ':zero': 0,
            ':one': 1,
          },
        ),
      );
    },
    async release() {
      await update(place, {
        UpdateExpression: 'REMOVE #lock',
        ConditionExpression: '#lock.#owner = :owner',
        ExpressionAttributeNames: { '#lock': 'lock', '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner },
      });
    },
  };
}

const clause = (verb: 'SET' | 'REMOVE', parts: readonly string[]): string =>
  parts.length > 0 ? `${verb} ${parts.join(', ')}` : '';

const busy = (): AppError =>
  new AppError('SETTINGS_BUSY', 'Somebody else is saving the settings; try again in a minute.', {
    retryable: true,
  });

async function readSettingsItem({ documents, tableName }: SettingsPlace) {
  const { Item } = await documents.send(
    new GetCommand({ TableName: tableName, Key: settingsKey, ConsistentRead: true }),
  );
  return Item;
}

interface Change {
  UpdateExpression: string;
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues: Record<string, unknown>;
}

/** The item as written; undefined if the condition did not hold. */
async function update({ documents, tableName }: SettingsPlace, change: Change) {
  try {
    const { Attributes } = await documents.send(
      new UpdateCommand({
        TableName: tableName,
        Key: settingsKey,
        ...change,
        ...(Object.keys(change.ExpressionAttributeNames).length === 0 && {
          ExpressionAttributeNames: undefined,
        }),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Attributes ?? {};
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return undefined;
    throw error;
  }
}
