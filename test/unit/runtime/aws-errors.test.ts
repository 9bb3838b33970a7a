import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import { InternalException } from '@aws-sdk/client-eventbridge';
import { DecryptionFailure, SecretsManagerServiceException } from '@aws-sdk/client-secrets-manager';
import {
  InvalidMessageContents,
  KmsAccessDenied,
  KmsDisabled,
  KmsThrottled,
  QueueDoesNotExist,
  RequestThrottled,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { awsFaultOf } from '../../../shared/runtime/aws-errors.ts';
import { AppError } from '../../../shared/runtime/errors.ts';

const status = (httpStatusCode: number) => ({
  message: 'what AWS says',
  $metadata: { httpStatusCode, requestId: 'request-1' },
});
/** What the SDK makes of an error that has no class in the client. */
const dynamo = (name: string, code = 400) =>
  new DynamoDBServiceException({ name, $fault: 'client', ...status(code) });
const canceled = (...codes: string[]) =>
  new TransactionCanceledException({
    ...status(400),
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

describe('the fault of an answer of AWS', () => {
  it.each([
    dynamo('AccessDeniedException'),
    new SQSServiceException({ name: 'AccessDenied', $fault: 'client', ...status(403) }),
    new SecretsManagerServiceException({ name: 'AccessDeniedException', $fault: 'client', ...status(400) }),
    new KmsAccessDenied(status(400)),
    canceled('None', 'AccessDenied'),
  ])('is RIGHT_MISSING for $name', (error) => {
    expect(awsFaultOf(error)).toBe('RIGHT_MISSING');
  });

  it.each([
    dynamo('ValidationException'),
    dynamo('UnrecognizedClientException'),
    new ResourceNotFoundException(status(400)),
    new QueueDoesNotExist(status(400)),
    new InvalidMessageContents(status(400)),
    new KmsDisabled(status(400)),
    new DecryptionFailure(status(400)),
  ])('is REFUSED for $name', (error) => {
    expect(awsFaultOf(error)).toBe('REFUSED');
  });

  it.each([
    new ThrottlingException(status(400)),
    new ProvisionedThroughputExceededException(status(400)),
    new RequestLimitExceeded(status(400)),
    new RequestThrottled(status(400)),
    new KmsThrottled(status(400)),
    new TransactionConflictException(status(400)),
    new ConditionalCheckFailedException(status(400)),
    new InternalServerError(status(500)),
    new InternalException(status(500)),
    dynamo('ServiceUnavailable', 503),
    dynamo('ExpiredTokenException'),
  ])('is BUSY for $name', (error) => {
    expect(awsFaultOf(error)).toBe('BUSY');
  });

  it.each([
    ['ConditionalCheckFailed', 'BUSY'],
    ['TransactionConflict', 'BUSY'],
    ['ThrottlingError', 'BUSY'],
    ['ProvisionedThroughputExceeded', 'BUSY'],
    ['ItemCollectionSizeLimitExceeded', 'BUSY'],
    ['ValidationError', 'REFUSED'],
  ] as const)('of a canceled transaction with %s is %s', (code, fault) => {
    expect(awsFaultOf(canceled('None', code))).toBe(fault);
  });

  it('of a canceled transaction without reasons is BUSY', () => {
    expect(awsFaultOf(new TransactionCanceledException(status(400)))).toBe('BUSY');
  });

  it('is found in the causes of our errors', () => {
    const error = new AppError('STORE_UNAVAILABLE', 'Ours.', {
      cause: new AppError('INNER', 'Ours, too.', { cause: dynamo('AccessDeniedException') }),
    });

    expect(awsFaultOf(error)).toBe('RIGHT_MISSING');
  });

  it.each([
    ['no answer', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    ['a time-out', Object.assign(new Error('Socket timed out'), { name: 'TimeoutError' })],
    ['an error of ours', new AppError('AccessDenied', 'Not of AWS.')],
    ['no error', 'AccessDeniedException'],
    ['nothing', undefined],
  ])('does not exist for %s', (_what, error) => {
    expect(awsFaultOf(error)).toBeUndefined();
  });
});
