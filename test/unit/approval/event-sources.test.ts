import {
  GetEventSourceMappingCommand,
  LambdaClient,
  LambdaServiceException,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, expect, it } from 'vitest';
import { countDisabled } from '../../../functions/sweep-approvals/event-sources.ts';

const lambda = mockClient(LambdaClient);
afterEach(() => lambda.reset());

const countOf = (...ids: string[]) => countDisabled(ids, new LambdaClient({ region: 'us-east-1' }));
const answer = (UUID: string, State: string) =>
  lambda.on(GetEventSourceMappingCommand, { UUID }).resolves({ State });

it.each([
  ['Enabled', 0],
  ['Enabling', 0],
  ['Creating', 0],
  ['Updating', 0],
  ['Disabling', 1],
  ['Disabled', 1],
  ['Deleting', 1],
])('counts an event source that is %s as %i', async (state, count) => {
  answer('a', state);

  expect(await countOf('a')).toBe(count);
});

it('counts each that does not work, also one that was deleted', async () => {
  answer('on', 'Enabled');
  answer('off', 'Disabled');
  lambda
    .on(GetEventSourceMappingCommand, { UUID: 'gone' })
    .rejects(new ResourceNotFoundException({ message: 'gone', $metadata: { httpStatusCode: 404 } }));

  expect(await countOf('on', 'off', 'gone')).toBe(2);
});

it('rejects if the right to read them is missing', async () => {
  const denied = new LambdaServiceException({
    name: 'AccessDeniedException',
    $fault: 'client',
    $metadata: { httpStatusCode: 403 },
  });
  lambda.on(GetEventSourceMappingCommand).rejects(denied);

  await expect(countOf('a')).rejects.toBe(denied);
});
