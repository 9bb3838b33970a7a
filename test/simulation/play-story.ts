import type { Action } from './actions.ts';
import { checkEndState } from './check-end-state.ts';
import { checkLastRing } from './check-last-ring.ts';
import { createWorld } from './create-world.ts';
import { createInvariantChecker } from './invariants.ts';
import { perform } from './perform-action.ts';
import type { World } from './world.ts';

/**
 * Plays a story in a new world. Checks the promises after each action, when everything has come to rest, and after a last
 * ring. Rejects with a `Violation`. Calls `look` with the world at the end.
 */
export async function playStory(story: readonly Action[], look?: (world: World) => void): Promise<void> {
  const world = await createWorld();
  const invariants = createInvariantChecker(world);
  try {
    for (const action of story) {
      await perform(world, action);
      invariants.check();
    }
    await checkEndState(world);
    invariants.check();
    await checkLastRing(world);
    invariants.check();
    look?.(world);
  } finally {
    world.tenant.close();
    world.oa.close();
  }
}
