import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import {
  emptyVersion,
  readVersion,
  type SecretKind,
  type SecretPlace,
  secretError,
} from '../runtime/secret-versions.ts';
import { storedSchema } from '../runtime/stored-items.ts';

/** What the secret holds for a node. */
const nodeSecretSchema = z.object({
  signingSecret: z.string().min(1),
  /** Secrets before the last rotations, the latest first, each with the time until which it is valid (ISO 8601 UTC). */
  previous: z.array(z.object({ signingSecret: z.string().min(1), until: z.string() })).optional(),
  /** Revision of the node that is saved with it. If the node has a lower one, that save did not finish. */
  revision: z.int().optional(),
});
export type NodeSecret = z.infer<typeof nodeSecretSchema>;

/** The secret of external nodes, by node id (docs/contract.md 3). */
export const externalSecretSchema = storedSchema(z.object({ nodes: z.record(z.string(), nodeSecretSchema) }));
export type ExternalSecret = z.infer<typeof externalSecretSchema>;

export const EXTERNAL_SECRET: SecretKind<ExternalSecret> = {
  variable: 'EXTERNAL_SECRET_ARN',
  name: 'secret of external nodes',
  schema: externalSecretSchema,
  form: '{"nodes": {…}}',
  none: { nodes: {} },
};

/** `hasOwn`, because a node id may be the name of a member that every object has. */
const secretOf = ({ nodes }: ExternalSecret, nodeId: string): NodeSecret | undefined =>
  Object.hasOwn(nodes, nodeId) ? nodes[nodeId] : undefined;

/**
 * Returns the signing secrets of a node that are valid now: the current one, then the previous ones, each for 24 hours.
 * Leaves out the secret of a save that did not finish.
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

/**
 * Returns the secret of a node without what an unfinished save wrote and without expired secrets. `revision`: that of
 * the node; 0 if there is no node, so that a stored secret is left over from a removed one.
 */
export function savedSecretOf(
  stored: NodeSecret | undefined,
  { revision, now }: { revision: number; now: Date },
): NodeSecret | undefined {
  if (!stored || revision === 0) return undefined;
  const { previous = [], ...last } = stored;
  const [before, ...older] = previous;
  const isUnfinished = last.revision !== undefined && last.revision > revision;
  // The save did not finish, so the OA still has the previous secret.
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

/** Reads a node's part of the secret, without a cache. */
export async function readNodeSecret(place: SecretPlace, nodeId: string): Promise<NodeSecret | undefined> {
  return secretOf(await readWhole(place), nodeId);
}

/**
 * Replaces a node's part of the secret, or removes it if `wanted` is undefined. Writes nothing if nothing changes.
 * Callers must hold the lock of the settings.
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
    throw secretError(error);
  }
}

const readWhole = async (place: SecretPlace): Promise<ExternalSecret> =>
  ((await readVersion(EXTERNAL_SECRET, place, 'AWSCURRENT')) ?? emptyVersion(EXTERNAL_SECRET)).secret;
