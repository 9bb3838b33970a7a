import * as z from 'zod';
import { resumeApprovals } from '../approval/resume.ts';
import { readDueRounds } from '../approval/store/due-rounds.ts';
import { isSigningSecret, SIGNING_SECRET_RULE } from '../external/signatures.ts';
import { describeError } from '../runtime/logger.ts';
import {
  type ExternalNode,
  MAX_TITLE,
  readExternalNode,
  writeExternalNode,
} from '../settings/external-nodes.ts';
import { readNodeSecret, writeNodeSecret } from '../settings/external-secret.ts';
import { checkEndpoint, type EndpointRules, endpointRule, normaliseEndpoint } from './external-endpoint.ts';
import { nextSecret } from './next-external-secret.ts';
import { roundsAt } from './rounds-in-use.ts';
import { type SetupContext, withSettingsLock } from './setup-context.ts';
import { checkNodeId, type ExternalNodeView, viewOfNode } from './show-external-nodes.ts';

const TITLE_RULE = `must be a text of 1 to ${MAX_TITLE} characters`;

/** Body of `PUT /settings/external-approvals/{nodeId}` (docs/contract.md 4). */
export const nodeRequestSchema = (rules: Pick<EndpointRules, 'allowLocal'>) =>
  z
    .object({
      title: z
        .string({ error: TITLE_RULE })
        .trim()
        .refine((title) => title !== '' && [...title].length <= MAX_TITLE, { error: TITLE_RULE }),
      endpoint: z.string({ error: endpointRule(rules) }).transform((text, context) => {
        const endpoint = normaliseEndpoint(text.trim(), rules);
        if (endpoint !== undefined) return endpoint;
        context.addIssue({ code: 'custom', message: endpointRule(rules) });
        return z.NEVER;
      }),
      signingSecret: z
        .string({ error: SIGNING_SECRET_RULE })
        .trim()
        .refine(isSigningSecret, { error: SIGNING_SECRET_RULE })
        .nullish()
        .transform((secret) => secret ?? undefined),
      /** Whether to generate a new secret. */
      rotate: z.boolean({ error: 'must be true or false' }).nullish(),
    })
    .refine(({ signingSecret, rotate }) => signingSecret === undefined || !rotate, {
      path: ['rotate'],
      error: 'must not be used with signingSecret, because it generates one',
    });
export type NodeRequest = z.infer<ReturnType<typeof nodeRequestSchema>>;

export interface SavedNode extends ExternalNodeView {
  /** Present only if it was generated. It is not shown again. */
  signingSecret?: string;
}

/**
 * `PUT /settings/external-approvals/{nodeId}`: saves an external node. The order is address → lock → secret → node →
 * hints. A save that ends after the secret counts as not done (`nextSecret`). Rejects with `BAD_REQUEST`,
 * `ENDPOINT_REFUSED`, an error of the secret or `SETTINGS_BUSY`.
 */
export async function saveExternalNode(
  nodeId: string,
  { title, endpoint, signingSecret, rotate }: NodeRequest,
  context: SetupContext,
): Promise<SavedNode> {
  checkNodeId(nodeId);
  await checkEndpoint(endpoint, context.external);
  const { place, external } = context;
  const { saved, generated } = await withSettingsLock(context, async (lock) => {
    const before = await readExternalNode(place, nodeId);
    const revision = before?.revision ?? 0;
    const decided = nextSecret(
      await readNodeSecret(external.secret, nodeId),
      { signingSecret, rotate: rotate ?? false },
      { revision, now: context.now(), generate: external.newSigningSecret },
    );
    await lock.renew();
    await writeNodeSecret(external.secret, nodeId, decided.secret);
    const node: ExternalNode = { ...before, nodeId, title, endpoint, revision: revision + 1 };
    await writeExternalNode(place, node);
    return { saved: node, generated: decided.generated };
  });
  await resumeAt(nodeId, context);
  return { ...viewOfNode(saved), ...(generated !== undefined && { signingSecret: generated }) };
}

/** Does not fail, because the node is saved and the sweep finds the issues that were not hinted. */
async function resumeAt(nodeId: string, { place, queue, newId, logger }: SetupContext): Promise<void> {
  try {
    const rounds = roundsAt(nodeId, await readDueRounds(place));
    await resumeApprovals(rounds, newId(), { ...place, queue });
  } catch (error) {
    logger.error('external node saved, but not every issue was hinted', {
      nodeId,
      error: describeError(error),
    });
  }
}
