import { envelopeSchema } from './answers.ts';
import { FeishuError, type FeishuErrorCode, hasCode } from './errors.ts';
import type { FeishuAnswer } from './http-instance.ts';

/** Codes of Feishu that other files use by name (docs/feishu.md 8). */
export const FEISHU_CODES = {
  ALREADY_SUBSCRIBED: [1390007, 60007],
  UNKNOWN_INSTANCE: [1390003, 60003],
  UNKNOWN_DEFINITION: [1390002, 60002],
  DISABLED_DEFINITION: [1390015],
  DELETED_DEFINITION: [1390016],
  UNKNOWN_PERSON: [1390004, 60004, 99992351, 99992360, 99992361],
  TOKEN_REFUSED: [99991661, 99991663, 99991664],
  CREDENTIALS_REFUSED: [10003, 10005, 10012, 10013, 10014, 10015, 20002],
  /** A parameter is refused, and Feishu did nothing. A shorter form may be accepted. */
  PARAMETERS_REFUSED: [1390001, 60001, 60006, 40001, 99992353, 99992402],
  /** "Server error". Feishu's documentation says: check the parameters. */
  DOUBTFUL: [1395001],
} as const;

/** Both causes have the same code (docs/feishu.md 3.2, recorded). */
export const UNKNOWN_DEFINITION =
  'Feishu does not know the approval definition, or another app made it. Feishu gives the same answer for both.';

/** Too many calls of an API, or too many messages to one person (docs/feishu.md 6.1 and 8). */
const RATE_LIMITS: readonly number[] = [99991400, 230020];
/** How long a rate limit lasts if Feishu does not say. */
const UNSTATED_LIMIT_SECONDS = 30;

/** The meaning of each code, and a sentence that says what to do. Feishu's own text is never repeated. */
const meanings: [FeishuErrorCode, string, readonly number[]][] = [
  [
    'SETUP',
    'Feishu refused the app id or the app secret. Check both, and that the app is on this platform (Feishu or Lark).',
    FEISHU_CODES.CREDENTIALS_REFUSED,
  ],
  ['SETUP', 'Feishu refuses the access token of the app.', [...FEISHU_CODES.TOKEN_REFUSED, 99991665]],
  [
    'SETUP',
    'Feishu needs another kind of access token for this call.',
    [99991668, 99991671, 99991677, 99991679],
  ],
  [
    'SETUP',
    'The app is disabled, or not installed in the tenant. Enable it in the Feishu admin console.',
    [99991662, 99991673, 212100],
  ],
  [
    'SETUP',
    "This machine's address is not in the app's IP allow-list. Add it, or clear the list.",
    [99991401],
  ],
  [
    'SETUP',
    "The tenant's monthly quota of API calls is used up. Wait for the next month, or buy a larger plan.",
    [99991403],
  ],
  ['SETUP', 'The configured host does not know this API.', [99991201, 99991301]],
  [
    'SETUP',
    'The bot of the app is not enabled. Add it in the developer console and publish a version of the app.',
    [11205, 11240],
  ],
  ['SETUP', "The app's contact range does not allow this. Widen it in the developer console.", [41050]],
  [
    'SETUP',
    `${UNKNOWN_DEFINITION} Save the Feishu settings with the approval code of another one.`,
    FEISHU_CODES.UNKNOWN_DEFINITION,
  ],
  [
    'SETUP',
    "The approval definition is disabled. Enable it in Feishu's approval administration.",
    FEISHU_CODES.DISABLED_DEFINITION,
  ],
  [
    'SETUP',
    'The approval definition is deleted. Save the Feishu settings again to create a new one.',
    FEISHU_CODES.DELETED_DEFINITION,
  ],
  [
    'SETUP',
    'The app may not use this approval definition. Save the Feishu settings with another one.',
    [60009],
  ],
  ['SETUP', 'The tenant or the definition does not support this kind of approval.', [1390013, 60011, 60013]],
  ['SETUP', 'Feishu does not know the tenant.', [1390014]],
  [
    'SETUP',
    "The approval definition asks for a handwritten signature. Switch it off in Feishu's approval administration.",
    [1390018],
  ],
  [
    'REFUSED',
    'Feishu does not accept a parameter of the request.',
    FEISHU_CODES.PARAMETERS_REFUSED.filter((code) => code !== 60006),
  ],
  [
    'REFUSED',
    'Feishu does not accept a value of the form. Shorten the SQL, or put it into a sheet.',
    [60006],
  ],
  ['REFUSED', 'Feishu does not know the approval instance.', FEISHU_CODES.UNKNOWN_INSTANCE],
  [
    'REFUSED',
    "Feishu does not know a person in the request. Check that assignee, creator and bot are in the app's availability range.",
    FEISHU_CODES.UNKNOWN_PERSON,
  ],
  ['REFUSED', 'Feishu does not know the department of the creator. Check that they belong to one.', [60005]],
  ['REFUSED', 'The subscription exists already.', FEISHU_CODES.ALREADY_SUBSCRIBED],
  ['REFUSED', 'There is no such subscription.', [60008]],
  [
    'REFUSED',
    'Feishu does not allow the app this operation. Run the check of the Feishu settings.',
    [1390009],
  ],
  ['REFUSED', 'The approval task does not exist or is already processed.', [1390010, 60010]],
  ['SETUP', 'The bot of the app is disabled, so it cannot send messages.', [230006]],
  ['REFUSED', 'Feishu refused a parameter of the message.', [230001, 230034, 230099]],
  ['REFUSED', 'The bot is not in the chat.', [230002]],
  [
    'REFUSED',
    "The person is outside the bot's availability range, or has left the organisation.",
    [230013, 230029],
  ],
  ['REFUSED', 'The bot may not send messages to this person.', [230027, 230035]],
  ['REFUSED', 'The person has refused messages from the bot.', [230053]],
  ['REFUSED', "Feishu's data protection blocked the message.", [230022, 230028]],
  ['REFUSED', 'The message is too long.', [230025]],
  ['UNAVAILABLE', 'Feishu is still sending the message.', [230049]],
  ['UUID_CONFLICT', 'An instance with this uuid exists already.', [60012]],
  ['UNAVAILABLE', 'Feishu is busy with this approval.', [60014]],
  ['UNAVAILABLE', 'Feishu had an internal error.', [2200, 5000, 55001, 65001, ...FEISHU_CODES.DOUBTFUL]],
];
const byCode = new Map(
  meanings.flatMap(([code, sentence, codes]) => codes.map((one) => [one, { code, sentence }] as const)),
);

/** HTTP "Content Too Large". The request was not processed. */
const TOO_LARGE = 413;

/**
 * Whether Feishu definitely refused a create because of its parameters, so that another form of the same request may be
 * accepted. False if a person, a department or a permission is the reason: another form cannot help.
 */
export function isParameterRefusal(error: FeishuError): boolean {
  const isTooLarge = error.code === 'REFUSED' && error.httpStatus === TOO_LARGE;
  return isTooLarge || hasCode(error, FEISHU_CODES.PARAMETERS_REFUSED);
}

/**
 * Returns the error of an answer; undefined if the call succeeded. Uses the HTTP status only without Feishu's `code`.
 */
export function classifyAnswer(answer: FeishuAnswer): FeishuError | undefined {
  const parsed = envelopeSchema.safeParse(answer.body, { reportInput: false });
  if (!parsed.success) return withoutCode(answer);
  const { code: feishuCode } = parsed.data;
  if (feishuCode === 0) {
    return answer.httpStatus >= 500
      ? failure('UNAVAILABLE', `Feishu answered HTTP ${answer.httpStatus}.`)
      : undefined;
  }
  const details = { feishuCode, httpStatus: answer.httpStatus };
  if (feishuCode === 99991672) return failure('SETUP', missingScopes(parsed.data), details);
  if (RATE_LIMITS.includes(feishuCode) || (answer.httpStatus === 429 && !byCode.has(feishuCode))) {
    return rateLimited(answer, details);
  }
  const known = byCode.get(feishuCode);
  if (known) return failure(known.code, known.sentence, details);
  return answer.httpStatus >= 500
    ? failure('UNAVAILABLE', 'Feishu had an unknown error.', details)
    : failure('REFUSED', 'Feishu refused for an unknown reason.', details);
}

/** Returns the error for a successful answer that we cannot parse. Feishu may have done what was asked. */
export const unreadable = (): FeishuError =>
  new FeishuError('UNAVAILABLE', 'Feishu gave an unexpected answer.');

function withoutCode(answer: FeishuAnswer): FeishuError {
  const { httpStatus } = answer;
  if (httpStatus === 429) return rateLimited(answer, { httpStatus });
  if (httpStatus === TOO_LARGE) {
    return new FeishuError('REFUSED', 'The request is too large for Feishu, or for a proxy in front of it.', {
      httpStatus,
    });
  }
  if (httpStatus >= 500 || httpStatus < 400) {
    return new FeishuError('UNAVAILABLE', `Feishu answered HTTP ${httpStatus} without a result.`, {
      httpStatus,
    });
  }
  return new FeishuError(
    'SETUP',
    `The configured host answered HTTP ${httpStatus}, but not as Feishu answers. It may be a proxy or another host.`,
    { httpStatus },
  );
}

interface Details {
  feishuCode?: number;
  httpStatus?: number;
}

const failure = (code: FeishuErrorCode, sentence: string, details: Details = {}): FeishuError =>
  new FeishuError(
    code,
    details.feishuCode === undefined ? sentence : `${sentence} (Feishu code ${details.feishuCode})`,
    details,
  );

function rateLimited(answer: FeishuAnswer, details: Details): FeishuError {
  return new FeishuError('RATE_LIMITED', 'Feishu limits the rate of calls.', {
    ...details,
    retryAfterSeconds: answer.retryAfterSeconds ?? UNSTATED_LIMIT_SECONDS,
  });
}

const GRANT = 'Add it in the developer console and publish a version of the app.';

/** Returns a message with the names of scopes, the only part of Feishu's text that is repeated. */
function missingScopes(envelope: { msg?: string | undefined; error?: unknown }): string {
  const said = [JSON.stringify(envelope.error ?? null), envelope.msg ?? ''].join(' ');
  const scopes = new Set(said.match(/\b[a-z]+(?::[a-z_]+(?:\.[a-z_]+)*)+\b/g) ?? []);
  return scopes.size > 0
    ? `The app lacks a permission. Any one of these is enough: ${[...scopes].slice(0, 10).join(', ')}. ${GRANT}`
    : `The app lacks a permission. ${GRANT}`;
}
