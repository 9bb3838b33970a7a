import { describe } from 'vitest';
import { useDynamoDbLocal } from '../../support/use-core.ts';
import { localPlaces } from './local-places.ts';
import { describeChanges, describeDatabase, describeStore } from './suite.ts';

const makePlace = localPlaces(useDynamoDbLocal());

describeStore(makePlace);
describeDatabase(makePlace);
describe('the records of a stream', () => describeChanges(makePlace));
