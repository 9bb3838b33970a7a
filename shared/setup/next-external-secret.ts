import { isSameKey } from '../external/signatures.ts';
import { PREVIOUS_MS } from '../runtime/secret-reader.ts';
import { type NodeSecret, savedSecretOf } from '../settings/external-secret.ts';

export interface SecretRequest {
  /** The new secret. Absent: the stored one, or a generated one if there is none. */
  signingSecret?: string | undefined;
  /** Whether to generate a new one in any case. */
  rotate?: boolean | undefined;
}

/**
 * Returns the secret of a node that a save must store. `generated`: the new secret, if it was generated, for the
 * response. Ignores what an unfinished save stored: if that secret was generated, nobody was told it.
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

/** With more rotations in a day the oldest secret is removed. */
const KEPT = 3;
