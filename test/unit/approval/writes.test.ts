import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  ProvisionedThroughputExceededException,
  ResourceNotFoundException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { refuseStale } from '../../../shared/runtime/dynamodb-writes.ts';

const said = { $metadata: {}, message: 'said by DynamoDB' };
const canceled = (...codes: string[]) =>
  new TransactionCanceledException({ ...said, CancellationReasons: codes.map((Code) => ({ Code })) });

it.each([
  ['a failed condition', new ConditionalCheckFailedException(said)],
  ['a failed condition in a transaction', canceled('None', 'ConditionalCheckFailed')],
  ['a failed condition beside a conflict', canceled('TransactionConflict', 'ConditionalCheckFailed')],
])('%s is the error STALE: read and plan again', async (_, cause) => {
  const written = refuseStale(() => Promise.reject(cause));
  await expect(written).rejects.toMatchObject({ code: 'STALE', retryable: true, cause });
});

it.each([
  ['a conflict of transactions', canceled('TransactionConflict', 'None')],
  ['a throttled transaction', canceled('None', 'ThrottlingError')],
  ['a transaction that was canceled without a reason', new TransactionCanceledException(said)],
  ['a throttled write', new ProvisionedThroughputExceededException(said)],
  ['a lost connection', new Error('socket hang up')],
])('%s does not decide the condition, so the write is retried', async (_, cause) => {
  const written = refuseStale(() => Promise.reject(cause));
  await expect(written).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true, cause });
});

const clientFault = (name: string) =>
  new DynamoDBServiceException({ ...said, name, $fault: 'client', $metadata: { httpStatusCode: 400 } });

it.each([
  ['a missing right', clientFault('AccessDeniedException'), 'RIGHT_MISSING'],
  ['an item that is too large', clientFault('ValidationException'), 'STORE_REFUSED'],
  ['a transaction with an item that is not accepted', canceled('None', 'ValidationError'), 'STORE_REFUSED'],
  ['a missing table', new ResourceNotFoundException(said), 'STORE_REFUSED'],
])('%s is not taken for a busy database, and may still succeed later', async (_, cause, code) => {
  const written = refuseStale(() => Promise.reject(cause));
  await expect(written).rejects.toMatchObject({ code, retryable: true, cause });
  await expect(written).rejects.not.toThrow(said.message);
});
