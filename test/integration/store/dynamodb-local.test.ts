import { useDatabase } from '../../support/use-core.ts';
import { describeStore } from './suite.ts';

const database = useDatabase();

describeStore(async () => ({
  documents: database().documents,
  tables: await database().createTables(),
}));
