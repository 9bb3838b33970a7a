/** Short names of the endpoints: in `misbehave`, in the counts of calls and in `limits`. */
export const ENDPOINT_NAMES = [
  'token',
  'bot',
  'scopes',
  'people',
  'createDefinition',
  'getDefinition',
  'subscribe',
  'unsubscribe',
  'createInstance',
  'getInstance',
  'cancelInstance',
  'createComment',
  'listComments',
  'sendMessage',
] as const;
export type EndpointName = (typeof ENDPOINT_NAMES)[number];
