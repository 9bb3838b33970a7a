import { GetEventSourceMappingCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** States in which an event source works, or is about to (Lambda API, EventSourceMappingConfiguration). */
const WORKING: readonly (string | undefined)[] = ['Creating', 'Enabling', 'Enabled', 'Updating'];

/** Resolves to how many of these event source mappings are disabled or deleted, or are being so. */
export async function countDisabled(mappingIds: readonly string[], lambda: LambdaClient): Promise<number> {
  const states = await Promise.all(mappingIds.map((id) => readState(id, lambda)));
  return states.filter((state) => !WORKING.includes(state)).length;
}

/** Resolves to undefined if the mapping does not exist. */
async function readState(UUID: string, lambda: LambdaClient): Promise<string | undefined> {
  try {
    return (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
