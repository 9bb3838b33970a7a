import { isSigningSecret, SIGNING_SECRET_RULE } from '../../../shared/external/signatures.ts';
import { MAX_TITLE, NODE_ID } from '../../../shared/settings/external-nodes.ts';
import type { CliIo } from '../io.ts';
import { badInput } from '../problem.ts';

export interface SetFlags {
  title?: string;
  endpoint?: string;
  signingSecretStdin: boolean;
  rotate: boolean;
}

/** In place of a question, for scripts. */
export const SECRET_VARIABLE = 'EXTERNAL_SIGNING_SECRET';

/** What options, stdin and environment say of a node; what is absent was not said. */
export interface SetInput {
  title: string | undefined;
  endpoint: string | undefined;
  signingSecret: string | undefined;
  rotate: boolean;
}

/** A CommandProblem of exit code 2 for what no node can be called. */
export function checkNodeId(nodeId: string): void {
  if (NODE_ID.test(nodeId)) return;
  throw badInput(
    'A node id has 1 to 64 letters, digits, dots, hyphens and underscores, and begins with a letter or a digit.',
  );
}

/** What is wrong with a title or an endpoint; undefined: nothing that shows before the API has seen it. */
export const validateTitle = (title: string): string | undefined =>
  title !== '' && [...title].length <= MAX_TITLE
    ? undefined
    : `The title has 1 to ${MAX_TITLE} characters: approvers may see it.`;

export const validateEndpoint = (endpoint: string): string | undefined =>
  URL.canParse(endpoint) && /^https?:\/\//i.test(endpoint)
    ? undefined
    : 'The endpoint must be an https URL, such as https://oa.example.com/frabit.';

/** Without repeating it. */
export const validateSigningSecret = (secret: string): string | undefined =>
  isSigningSecret(secret) ? undefined : `The signing secret ${SIGNING_SECRET_RULE}.`;

/** Reads and judges everything that was given. A CommandProblem of exit code 2 names what is wrong. */
export async function readSetInput(
  { rotate, signingSecretStdin, ...flags }: SetFlags,
  io: Pick<CliIo, 'env' | 'readStdin'>,
): Promise<SetInput> {
  // An empty variable is one that is not set; an empty stdin is a slip.
  const variable = io.env[SECRET_VARIABLE] || undefined;
  if (rotate && (signingSecretStdin || variable !== undefined)) {
    throw badInput(
      `--rotate has a secret generated: leave --signing-secret-stdin and ${SECRET_VARIABLE} out, or --rotate.`,
    );
  }
  const signingSecret = (signingSecretStdin ? await io.readStdin() : variable)?.trim();
  const title = flags.title?.trim();
  const endpoint = flags.endpoint?.trim();
  const wrong =
    (title !== undefined ? validateTitle(title) : undefined) ??
    (endpoint !== undefined ? validateEndpoint(endpoint) : undefined) ??
    (signingSecret !== undefined ? validateSigningSecret(signingSecret) : undefined);
  if (wrong !== undefined) throw badInput(wrong);
  return { title, endpoint, signingSecret, rotate };
}
