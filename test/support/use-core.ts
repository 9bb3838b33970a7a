import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { aCore, type Core } from './core.ts';
import { type DynamoDbLocal, startDynamoDbLocal } from './dynamodb-local.ts';

/** One database for a test file, to make cores in. */
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

/** A core of its own for each test of a file, in one database. Its names are there once a test runs. */
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
