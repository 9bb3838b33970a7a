import { afterEach, beforeEach } from 'vitest';
import { aSettingsApi, type SettingsApi } from './settings-api.ts';
import type { TestDatabase } from './test-database.ts';
import { useDatabase } from './use-core.ts';

/** Settings routes of their own for each test of a file, in one database, which comes back. */
export function useSettingsApi(take: (api: SettingsApi) => void): () => TestDatabase {
  const database = useDatabase();
  let api: SettingsApi | undefined;
  beforeEach(async () => {
    api = await aSettingsApi(database());
    take(api);
  });
  afterEach(() => api?.close());
  return database;
}
