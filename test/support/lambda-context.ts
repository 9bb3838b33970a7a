import type { Context } from 'aws-lambda';

/** Returns the context of an invocation that Lambda ends after so many milliseconds. */
export function aContext(functionName = 'a-function', leftMilliseconds = 30_000): Context {
  const end = Date.now() + leftMilliseconds;
  return {
    awsRequestId: 'request-1',
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'test',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => end - Date.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
