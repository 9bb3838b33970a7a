import { isIP } from 'node:net';
import { type AddressRules, areAllowedAddresses, hostOf } from '../external/addresses.ts';
import { AppError } from '../runtime/errors.ts';
import { within } from '../runtime/with-timeout.ts';

/** `allowLocal` also allows http. */
export interface EndpointRules extends AddressRules {
  /** Returns every address of a name. Rejects if there is none. */
  resolve: (hostname: string) => Promise<readonly string[]>;
}

const MAX_LENGTH = 2_000;
const RESOLVED_WITHIN_MS = 5_000;

export const endpointRule = ({ allowLocal }: AddressRules): string =>
  `must be an ${allowLocal ? 'http or https' : 'https'} URL of at most ${MAX_LENGTH} characters, without user, query and fragment`;

/** Returns the base URL of an OA's routes without a slash at the end; undefined if it breaks `endpointRule`. */
export function normaliseEndpoint(text: string, { allowLocal }: AddressRules): string | undefined {
  // `URL` accepts white space, and a `?` or `#` at the end.
  if (text.length > MAX_LENGTH || /[\s\p{Cc}?#\\]/u.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isKnown = url.protocol === 'https:' || (allowLocal && url.protocol === 'http:');
  if (!isKnown || url.username !== '' || url.password !== '' || url.hostname === '') return undefined;
  const endpoint = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return endpoint.length <= MAX_LENGTH ? endpoint : undefined;
}

/**
 * Rejects with `ENDPOINT_REFUSED` if one of the endpoint's addresses is not public. `createTransport` checks every
 * connection again with the same function. This check informs the operator who saves the endpoint.
 */
export async function checkEndpoint(endpoint: string, rules: EndpointRules): Promise<void> {
  const hostname = hostOf(new URL(endpoint));
  const addresses = isIP(hostname) === 0 ? await resolveName(hostname, rules) : [hostname];
  if (areAllowedAddresses(addresses, rules)) return;
  throw refused(
    `The endpoint's host ${hostname} has a loopback, link-local, private or otherwise reserved address. It must have a public address.`,
  );
}

async function resolveName(hostname: string, { resolve }: EndpointRules): Promise<readonly string[]> {
  const found = await within(
    RESOLVED_WITHIN_MS,
    resolve(hostname),
    'The name could not be resolved in time.',
  ).catch(() => []);
  if (found.length === 0) throw refused(`The endpoint's host ${hostname} does not resolve to an address.`);
  return found;
}

const refused = (message: string): AppError => new AppError('ENDPOINT_REFUSED', message);
