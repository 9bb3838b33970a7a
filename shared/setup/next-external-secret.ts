import { isSameKey } from '../external/signatures.ts';
import { PREVIOUS_MS } from '../runtime/secret-reader.ts';
import { type NodeSecret, savedSecretOf } from '../settings/external-secret.ts';

export interface SecretRequest {
  /** The one to use from now on; absent: the one that is stored, or a generated one if there is none. */
  signingSecret?: string | undefined;
  /** A generated one in any case. */
  rotate?: boolean | undefined;
}

/**
 * What a save makes of a node's secret; `generated` if nobody knows it yet. What a save left that never came to its
 * end counts as not written: its secret, if it was generated, was never told to anybody.
 */
export function nextSecret(
  stored: NodeSecret | undefined,
  { signingSecret, rotate }: SecretRequest,
  at: { revision: number; now: Date; generate: () => string },
): { secret: NodeSecret; generated?: string } {
  const current = savedSecretOf(stored, at);
  if (current && signingSecret === undefined && !rotate) return { secret: current };
  if (current && signingSecret !== undefined && isSameKey(current.signingSecret, signingSecret)) {
    return { secret: current };
  }
  const chosen = signingSecret ?? at.generate();
  const until = new Date(at.now.getTime() + PREVIOUS_MS).toISOString();
  const { previous: _, ...kept } = current ?? {};
  return {
    secret: {
      ...kept,
      signingSecret: chosen,
      ...(current && {
        previous: [{ signingSecret: current.signingSecret, until }, ...(current.previous ?? [])].slice(
          0,
          KEPT,
        ),
      }),
      revision: at.revision + 1,
    },
    ...(signingSecret === undefined && { generated: chosen }),
  };
}

/** Rotated more often within a day, the oldest goes. */
const KEPT = 3;
