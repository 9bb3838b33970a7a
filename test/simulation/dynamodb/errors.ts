import {
  type CancellationReason,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  ResourceNotFoundException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';

/** The errors of DynamoDB, as the SDK throws them. */

const metadata = () => ({ httpStatusCode: 400, requestId: 'fake', attempts: 1, totalRetryDelay: 0 });

/** A ValidationException. The SDK has no class for it; callers check the name. */
export const invalid = (message: string): DynamoDBServiceException =>
  new DynamoDBServiceException({
    name: 'ValidationException',
    $fault: 'client',
    $metadata: metadata(),
    message,
  });

export const noSuchTable = (): ResourceNotFoundException =>
  new ResourceNotFoundException({
    $metadata: metadata(),
    message: 'Cannot do operations on a non-existent table',
  });

const CONDITION_FAILED = 'The conditional request failed';

const conditionFailed = (): ConditionalCheckFailedException =>
  new ConditionalCheckFailedException({ $metadata: metadata(), message: CONDITION_FAILED });

/** Why one operation cannot be carried out. */
export type Obstacle = { code: 'ConditionalCheckFailed' } | { code: 'ValidationError'; message: string };

/** The error of a single write that met an obstacle. */
export const refused = (obstacle: Obstacle): Error =>
  obstacle.code === 'ConditionalCheckFailed' ? conditionFailed() : invalid(obstacle.message);

/** The error of a transaction in which an operation met an obstacle. The reasons are in the order of the request. */
export function canceled(obstacles: readonly (Obstacle | undefined)[]): TransactionCanceledException {
  const reasons = obstacles.map(reasonOf);
  return new TransactionCanceledException({
    $metadata: metadata(),
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons
      .map((reason) => reason.Code)
      .join(', ')}]`,
    CancellationReasons: reasons,
  });
}

function reasonOf(obstacle: Obstacle | undefined): CancellationReason {
  switch (obstacle?.code) {
    case undefined:
      return { Code: 'None' };
    case 'ConditionalCheckFailed':
      return { Code: obstacle.code, Message: CONDITION_FAILED };
    case 'ValidationError':
      return { Code: obstacle.code, Message: obstacle.message };
  }
}
