import { type Break, breakModule } from '../support/break-module.ts';
import { describeAction, describeStart } from './describe-story.ts';
import type { StartName } from './starts.ts';

export interface ReplayResult {
  /** One sentence for each action. */
  lines: string[];
  broken?: string;
  /** Why the story cannot be replayed. */
  problem?: string;
}

/** Replays one story, and lets everything come to rest at its end. */
export async function replay(story: string, breaks: readonly Break[] = []): Promise<ReplayResult> {
  breaks.forEach(breakModule);
  // Import after the breaks: they apply only to files that are not loaded yet.
  const { createSmallWorld } = await import('./small-world.ts');
  const { createTransitions } = await import('./transitions.ts');
  const { startFrom } = await import('./starts.ts');
  const { runToRest } = await import('./run-to-rest.ts');
  const world = createSmallWorld();
  const transitions = createTransitions(world);
  const [start = '', rest = ''] = story.split(':');
  // `parseOptions` has checked the name.
  const begun = await startFrom(start as StartName, world, transitions);
  const lines = [describeStart(start)];
  if (begun.broken[0] !== undefined) return { lines, broken: begun.broken[0] };
  let { state } = begun;
  const actions = rest.split(',').filter((action) => action !== '');
  for (const [at, action] of actions.entries()) {
    const transition =
      action === 'work' ? await transitions.work(state) : await transitions.act(state, action);
    if (!transition)
      return { lines, problem: `Cannot replay the story: "${action}" is not possible after action ${at}.` };
    lines.push(`${at + 1}. ${describeAction(action)}`);
    if (transition.broken[0] !== undefined) return { lines, broken: transition.broken[0] };
    state = transition.state;
  }
  const { broken } = await runToRest(state, transitions);
  lines.push('Everything that waits is delivered, and time passes.');
  return { lines, ...(broken !== undefined && { broken }) };
}
