import { AppError } from '../runtime/errors.ts';
import { SCHEMA_UPDATE, schemaVersion } from '../runtime/stored-items.ts';
import { type FeishuSettings, feishuSettingsSchema } from './settings.ts';
import { parseSettings, type SettingsPlace, updateSettings } from './settings-store.ts';
import { type DefinitionChanges, definitionClauses } from './stored-definitions.ts';

/** The right to make definitions and to save. One owner holds it at a time, for at most `LEASE_MS`. */
export interface SettingsLock {
  /** Starts the lease again. Rejects if somebody else has the lock meanwhile. */
  renew(): Promise<void>;
  /** Stores definitions at once, before the settings are saved. */
  storeDefinitions(definitions: DefinitionChanges): Promise<void>;
  /**
   * Replaces the settings and changes definitions. Removes members that are not given, except definitions and members
   * that this version does not know. Adds 1 to `revision`.
   */
  save(settings: Omit<FeishuSettings, NotReplaced>, definitions?: DefinitionChanges): Promise<FeishuSettings>;
  release(): Promise<void>;
}

const NOT_REPLACED = ['definitions', 'ownDefinitions', 'revision'] as const;
type NotReplaced = (typeof NOT_REPLACED)[number];

/** The members that a save replaces or removes. */
const REPLACED = Object.keys(feishuSettingsSchema.shape).filter(
  (name) => !NOT_REPLACED.some((one) => one === name),
);

/** Longer than the function's timeout of 60 s, so that a running owner never loses the lock. */
const LEASE_MS = 65_000;
const TRY_EVERY_MS = 250;
/** API Gateway waits 30 s. This leaves enough of it for the work itself. */
const WAIT_MS = 12_000;

/**
 * Takes the lock of the settings, and waits for up to 12 s while somebody else holds it. Then rejects with a retryable
 * `SETTINGS_BUSY`. `owner` is unique to this call; `now` returns epoch milliseconds.
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
    const taken = await updateSettings(place, {
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
    const written = await updateSettings(place, {
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
    async storeDefinitions(definitions) {
      const { sets, removes, names, values } = definitionClauses(definitions);
      await whileHeld([clause('SET', sets), clause('REMOVE', removes)].join(' ').trim(), names, values);
    },
    async save(settings, definitions = {}) {
      const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
      const sets = entries.map((_, index) => `#n${index} = :v${index}`);
      const given = new Set(entries.map(([name]) => name));
      const gone = REPLACED.filter((name) => !given.has(name));
      const kept = definitionClauses(definitions);
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
      await updateSettings(place, {
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
  new AppError('SETTINGS_BUSY', 'Somebody else is saving the settings. Try again in a minute.', {
    retryable: true,
  });
