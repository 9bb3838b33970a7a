import { afterEach, beforeEach } from 'vitest';
import type { DynamoDbLocal } from './dynamodb-local.ts';
import { aSettingsApi, type SettingsApi } from './settings-api.ts';
import { useDatabase } from './use-core.ts';

/** Creates a settings API for each test of a file, in one database. Returns the database. */
export function useSettingsApi(take: (api: SettingsApi) => void): () => DynamoDbLocal {
  const database = useDatabase();
  let api: SettingsApi | undefined;
  beforeEach(async () => {
    api = await aSettingsApi(database());
    take(api);
  });
  afterEach(() => api?.close());
  return database;
}
