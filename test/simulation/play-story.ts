import { type Action, perform } from './actions.ts';
import { checkBell, checkRest } from './check-end-state.ts';
import { createWatcher } from './invariants.ts';
import { createWorld, type World } from './world.ts';

/**
 * Plays a story in a world of its own, and checks after each action, at rest, and after a last bell what must hold.
 * Rejects with a `Violation`; `look` is shown the world at the end.
 */
export async function simulate(story: readonly Action[], look?: (world: World) => void): Promise<void> {
  const world = await createWorld();
  const watcher = createWatcher(world);
  try {
    for (const action of story) {
      await perform(world, action);
      watcher.check();
    }
    await checkRest(world);
    watcher.check();
    await checkBell(world);
    watcher.check();
    look?.(world);
  } finally {
    world.tenant.close();
    world.oa.close();
  }
}
