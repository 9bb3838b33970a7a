import { type Break, breakModule } from '../support/break-module.ts';
import type { StartName } from './starts.ts';
import { tellAction, tellStart } from './tell.ts';

export interface Replayed {
  /** One a step. */
  lines: string[];
  broken?: string;
  /** Why the story cannot be played. */
  problem?: string;
}

/** Plays one story, and lets everything come to rest at its end. */
export async function replay(story: string, breaks: readonly Break[] = []): Promise<Replayed> {
  breaks.forEach(breakModule);
  // Loaded only now, so that the files are read as they are broken.
  const { createMachine } = await import('./machine.ts');
  const { createSteps } = await import('./step.ts');
  const { startFrom } = await import('./starts.ts');
  const { drain } = await import('./rest.ts');
  const machine = createMachine();
  const steps = createSteps(machine);
  const [start = '', rest = ''] = story.split(':');
  // The options let no other name through.
  const begun = await startFrom(start as StartName, machine, steps);
  const lines = [tellStart(start)];
  if (begun.broken[0] !== undefined) return { lines, broken: begun.broken[0] };
  let { state } = begun;
  const actions = rest.split(',').filter((action) => action !== '');
  for (const [at, action] of actions.entries()) {
    const step = action === 'work' ? await steps.work(state) : await steps.take(state, action);
    if (!step) return { lines, problem: `The story cannot be played: no "${action}" after step ${at}.` };
    lines.push(`${at + 1}. ${tellAction(action)}`);
    if (step.broken[0] !== undefined) return { lines, broken: step.broken[0] };
    state = step.state;
  }
  const { wrong: broken } = await drain(state, steps);
  lines.push('Everything that waits is delivered, and time passes.');
  return { lines, ...(broken !== undefined && { broken }) };
}
