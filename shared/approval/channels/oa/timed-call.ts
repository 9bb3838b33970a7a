import type { ExternalNode } from '../../../settings/external-nodes.ts';
import type { Pacer } from '../../store/pacing.ts';

/** Makes a call, and reports to the pacer how long it took, whether it succeeded or failed. */
export async function timed<T>(
  { nodeId }: ExternalNode,
  pacer: Pacer,
  now: () => Date,
  call: () => Promise<T>,
): Promise<T> {
  const begun = now().getTime();
  try {
    return await call();
  } finally {
    await pacer.observe(nodeId, 'call', now().getTime() - begun);
  }
}
