import { GetEventSourceMappingCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** States in which an event source works, or is about to (Lambda API, EventSourceMappingConfiguration). */
const WORKING: readonly (string | undefined)[] = ['Creating', 'Enabling', 'Enabled', 'Updating'];

/** Resolves to how many of these event source mappings are disabled, or being disabled or deleted. */
export async function countDisabled(mappingIds: readonly string[], lambda: LambdaClient): Promise<number> {
  const states = await Promise.all(
    mappingIds.map(async (UUID) => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State),
  );
  return states.filter((state) => !WORKING.includes(state)).length;
}
