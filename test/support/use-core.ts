import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { aCore, type Core } from './core.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from './dynamodb-local.ts';

/** Starts one database for a test file. */
export function useDatabase(): () => DynamoDbLocal {
  let database: DynamoDbLocal | undefined;
  beforeAll(async () => {
    database = await startDynamoDbLocal();
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
