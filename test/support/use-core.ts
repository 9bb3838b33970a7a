import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { aCore, type Core } from './core.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from './dynamodb-local.ts';
import { startMemoryDatabase } from './memory-database.ts';
import type { TestDatabase } from './test-database.ts';

/** One database for a test file, to make cores in: in memory, or DynamoDB Local if TEST_DATABASE says so. */
export function useDatabase(): () => TestDatabase {
  const chosen = process.env.TEST_DATABASE ?? 'memory';
  if (chosen === 'memory') return useDatabaseOf(startMemoryDatabase);
  if (chosen === 'dynamodb-local') return useDynamoDbLocal();
  throw new Error(`TEST_DATABASE must be memory or dynamodb-local, not ${chosen}`);
}

/** DynamoDB Local for a test file, whichever tier runs it. */
export const useDynamoDbLocal = (): (() => DynamoDbLocal) => useDatabaseOf(startDynamoDbLocal);

function useDatabaseOf<T extends TestDatabase>(start: () => Promise<T>): () => T {
  let database: T | undefined;
  beforeAll(async () => {
    database = await start();
  });
  afterAll(() => database?.stop());
  return () => {
    if (!database) throw new Error('the database starts before the tests');
    return database;
  };
}

/** Creates a core for each test of a file, in one database. The returned function works once a test runs. */
export function useCore(): () => Core {
  const database = useDatabase();
  let core: Core | undefined;
  beforeEach(async () => {
    core = await aCore(database());
  });
  afterEach(() => core?.close());
  return () => {
    if (!core) throw new Error('the core starts before each test');
    return core;
  };
}
