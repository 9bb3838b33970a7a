import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import {
  emptyVersion,
  readVersion,
  type SecretKind,
  type SecretPlace,
  unavailable,
} from '../runtime/secret-versions.ts';
import { storedSchema } from '../runtime/stored.ts';

/** What the secret keeps of a node. */
const nodeSecretSchema = z.object({
  signingSecret: z.string().min(1),
  /** Before the last rotations, the latest first; each valid until then, ISO 8601 UTC. */
  previous: z.array(z.object({ signingSecret: z.string().min(1), until: z.string() })).optional(),
  /** Revision of the node that was saved with it; one that the node has not reached was never finished. */
  revision: z.int().optional(),
});
export type NodeSecret = z.infer<typeof nodeSecretSchema>;

/** What the secret of external nodes holds, by node id (docs/contract.md 3). */
export const externalSecretSchema = storedSchema(z.object({ nodes: z.record(z.string(), nodeSecretSchema) }));
export type ExternalSecret = z.infer<typeof externalSecretSchema>;

export const EXTERNAL_SECRET: SecretKind<ExternalSecret> = {
  variable: 'EXTERNAL_SECRET_ARN',
  name: 'secret of external nodes',
  schema: externalSecretSchema,
  form: '{"nodes": {…}}',
  none: { nodes: {} },
};

/** A node may be called as a member that every object has. */
const secretOf = ({ nodes }: ExternalSecret, nodeId: string): NodeSecret | undefined =>
  Object.hasOwn(nodes, nodeId) ? nodes[nodeId] : undefined;

/**
 * The signing secrets of a node that are valid now: the current one first, then for 24 hours each those before it. What
 * a save left that never came to its end is not among them.
 */
export function signingSecretsOf(
  secret: ExternalSecret,
  { nodeId, revision }: { nodeId: string; revision: number },
  now: Date,
): string[] {
  const own = savedSecretOf(secretOf(secret, nodeId), { revision, now });
  return own ? [own.signingSecret, ...(own.previous ?? []).map(({ signingSecret }) => signingSecret)] : [];
}

const isValid = ({ until }: { until: string }, now: Date): boolean => Date.parse(until) > now.getTime();

/** `revision` is that of the node as it stands; 0: there is none, and what is stored was left by one that is gone. */
export function savedSecretOf(
  stored: NodeSecret | undefined,
  { revision, now }: { revision: number; now: Date },
): NodeSecret | undefined {
  if (!stored || revision === 0) return undefined;
  const { previous = [], ...last } = stored;
  const [before, ...older] = previous;
  const isUnfinished = last.revision !== undefined && last.revision > revision;
  // The one before is the OA's, whenever that save broke off.
  if (isUnfinished) {
    if (!before) return undefined;
    const { revision: _, ...kept } = last;
    return withPrevious({ ...kept, signingSecret: before.signingSecret }, older, now);
  }
  return withPrevious(last, previous, now);
}

function withPrevious(
  current: Omit<NodeSecret, 'previous'>,
  previous: NonNullable<NodeSecret['previous']>,
  now: Date,
): NodeSecret {
  const valid = previous.filter((one) => isValid(one, now));
  return valid.length > 0 ? { ...current, previous: valid } : current;
}

/** A node's part of the secret as it stands now, uncached. */
export async function readNodeSecret(place: SecretPlace, nodeId: string): Promise<NodeSecret | undefined> {
  return secretOf(await readWhole(place), nodeId);
}

/**
 * Puts a node's part into the secret, or with undefined takes it out; every other node's stays. Writes nothing if it
 * stands so already. Callers serialise this (the lock on the settings item).
 */
export async function writeNodeSecret(
  place: SecretPlace,
  nodeId: string,
  wanted: NodeSecret | undefined,
): Promise<void> {
  const whole = await readWhole(place);
  const stored = secretOf(whole, nodeId);
  if (JSON.stringify(stored) === JSON.stringify(wanted && nodeSecretSchema.parse(wanted))) return;
  const others = Object.entries(whole.nodes).filter(([id]) => id !== nodeId);
  const nodes = Object.fromEntries([...others, ...(wanted ? [[nodeId, wanted] as const] : [])]);
  try {
    await place.secretsManager.send(
      new PutSecretValueCommand({
        SecretId: place.secretId,
        SecretString: JSON.stringify({ ...whole, nodes }),
      }),
    );
  } catch (error) {
    throw unavailable(error);
  }
}

const readWhole = async (place: SecretPlace): Promise<ExternalSecret> =>
  ((await readVersion(EXTERNAL_SECRET, place, 'AWSCURRENT')) ?? emptyVersion(EXTERNAL_SECRET)).secret;
