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

/** For scripts, instead of a question. */
const SECRET_VARIABLE = 'EXTERNAL_SIGNING_SECRET';

/** The input about a node from options, stdin and environment; absent: not given. */
export interface SetInput {
  title: string | undefined;
  endpoint: string | undefined;
  signingSecret: string | undefined;
  rotate: boolean;
}

/** Throws a CommandProblem with exit code 2 for an invalid node id. */
export function checkNodeId(nodeId: string): void {
  if (NODE_ID.test(nodeId)) return;
  throw badInput(
    'A node id has 1 to 64 letters, digits, dots, hyphens and underscores, and starts with a letter or a digit.',
  );
}

/** Returns what is wrong with a title, or undefined. The API checks titles and endpoints again. */
export const validateTitle = (title: string): string | undefined =>
  title !== '' && [...title].length <= MAX_TITLE
    ? undefined
    : `The title must have 1 to ${MAX_TITLE} characters: approvers may see it.`;

export const validateEndpoint = (endpoint: string): string | undefined =>
  URL.canParse(endpoint) && /^https?:\/\//i.test(endpoint)
    ? undefined
    : 'The endpoint must be an https URL, such as https://oa.example.com/frabit.';

/** Returns what is wrong with a signing secret, without repeating it, or undefined. */
export const validateSigningSecret = (secret: string): string | undefined =>
  isSigningSecret(secret) ? undefined : `The signing secret ${SIGNING_SECRET_RULE}.`;

/** Reads and validates the input. Throws a CommandProblem with exit code 2 that says what is wrong. */
export async function readSetInput(
  { rotate, signingSecretStdin, ...flags }: SetFlags,
  io: Pick<CliIo, 'env' | 'readStdin'>,
): Promise<SetInput> {
  // An empty variable counts as not set; empty input on stdin is an error.
  const variable = io.env[SECRET_VARIABLE] || undefined;
  if (rotate && (signingSecretStdin || variable !== undefined)) {
    throw badInput(
      `--rotate generates a secret: leave out --signing-secret-stdin and ${SECRET_VARIABLE}, or --rotate.`,
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
