import { createFakeDynamoDb } from '../../simulation/dynamodb/fake-dynamodb.ts';
import { describeStore } from './suite.ts';

describeStore(async () => createFakeDynamoDb());
