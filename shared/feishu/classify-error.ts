import { envelopeSchema } from './answers.ts';
import { FeishuError, type FeishuErrorCode, hasCode } from './errors.ts';
import type { FeishuAnswer } from './http-instance.ts';

/** Feishu's codes that calls look at by name (docs/feishu.md 8). */
export const FEISHU_CODES = {
  ALREADY_SUBSCRIBED: [1390007, 60007],
  UNKNOWN_INSTANCE: [1390003, 60003],
  UNKNOWN_DEFINITION: [1390002, 60002],
  DISABLED_DEFINITION: [1390015],
  DELETED_DEFINITION: [1390016],
  UNKNOWN_PERSON: [1390004, 60004, 99992351, 99992360, 99992361],
  TOKEN_REFUSED: [99991661, 99991663, 99991664],
  CREDENTIALS_REFUSED: [10003, 10005, 10012, 10013, 10014, 10015, 20002],
  /** A parameter is refused, and nothing was carried out: a shorter form may pass. */
  PARAMETERS_REFUSED: [1390001, 60001, 60006, 40001, 99992353, 99992402],
  /** "Server error", for which Feishu's documentation says: check the parameters. */
  DOUBTFUL: [1395001],
} as const;

/** Both causes have one code (docs/feishu.md 3.2, recorded). */
export const UNKNOWN_DEFINITION =
  'Feishu does not know the approval definition, or another app made it: it answers the same to both.';

/** Too many calls of an API, or too many messages to one person (docs/feishu.md 6.1 and 8). */
const RATE_LIMITS: readonly number[] = [99991400, 230020];
/** How long a rate limit holds when Feishu does not say. */
const UNSTATED_LIMIT_SECONDS = 30;

/** What each code means to us, and a sentence on what is to be done: Feishu's own text is never handed on. */
const meanings: [FeishuErrorCode, string, readonly number[]][] = [
  [
    'SETUP',
    'Feishu refused the app id or the app secret. Check both, and that the app is on this platform (Feishu or Lark).',
    FEISHU_CODES.CREDENTIALS_REFUSED,
  ],
  ['SETUP', 'Feishu refuses the access token of the app.', [...FEISHU_CODES.TOKEN_REFUSED, 99991665]],
  [
    'SETUP',
    'Feishu wants another kind of access token for this call.',
    [99991668, 99991671, 99991677, 99991679],
  ],
  [
    'SETUP',
    'The app is disabled, or not installed in the tenant: enable it in the Feishu admin console.',
    [99991662, 99991673, 212100],
  ],
  [
    'SETUP',
    "This machine's address is not in the app's IP allow-list: add it, or switch the list off.",
    [99991401],
  ],
  [
    'SETUP',
    "The tenant's monthly quota of API calls is used up: wait for the next month, or take a larger plan.",
    [99991403],
  ],
  ['SETUP', 'The configured host does not know this API.', [99991201, 99991301]],
  [
    'SETUP',
    'The bot of the app is not enabled: add it in the developer console and publish a version of the app.',
    [11205, 11240],
  ],
  ['SETUP', "The app's contact range does not allow this: widen it in the developer console.", [41050]],
  [
    'SETUP',
    `${UNKNOWN_DEFINITION} Save the Feishu settings with the approval code of another one.`,
    FEISHU_CODES.UNKNOWN_DEFINITION,
  ],
  [
    'SETUP',
    "The approval definition is disabled: enable it in Feishu's approval administration.",
    FEISHU_CODES.DISABLED_DEFINITION,
  ],
  [
    'SETUP',
    'The approval definition is deleted: save the Feishu settings again, and a new one is made.',
    FEISHU_CODES.DELETED_DEFINITION,
  ],
  [
    'SETUP',
    'The app may not use this approval definition: save the Feishu settings with another one.',
    [60009],
  ],
  ['SETUP', 'The tenant or the definition does not support this kind of approval.', [1390013, 60011, 60013]],
  ['SETUP', 'Feishu does not know the tenant.', [1390014]],
  [
    'SETUP',
    "The approval definition asks for a handwritten signature: switch that off in Feishu's approval administration.",
    [1390018],
  ],
  [
    'REFUSED',
    'Feishu does not accept a parameter of the request.',
    FEISHU_CODES.PARAMETERS_REFUSED.filter((code) => code !== 60006),
  ],
  [
    'REFUSED',
    'Feishu does not accept a value of the form: shorten the SQL, or put it into a sheet.',
    [60006],
  ],
  ['REFUSED', 'Feishu does not know the approval instance.', FEISHU_CODES.UNKNOWN_INSTANCE],
  [
    'REFUSED',
    "Feishu does not know a person in the request: see that assignee, creator and bot are in the app's availability range.",
    FEISHU_CODES.UNKNOWN_PERSON,
  ],
  ['REFUSED', 'Feishu does not know the department of the creator: see that they belong to one.', [60005]],
  ['REFUSED', 'The subscription stands already.', FEISHU_CODES.ALREADY_SUBSCRIBED],
  ['REFUSED', 'There is no such subscription.', [60008]],
  [
    'REFUSED',
    'Feishu does not permit this operation to the app: run the check of the Feishu settings.',
    [1390009],
  ],
  ['REFUSED', 'The approval task is gone or already processed.', [1390010, 60010]],
  ['SETUP', 'The bot of the app is off, so it cannot write to people.', [230006]],
  ['REFUSED', 'Feishu refused a parameter of the message.', [230001, 230034, 230099]],
  ['REFUSED', 'The bot is not in the chat.', [230002]],
  ['REFUSED', "The person is outside the bot's availability range, or has left.", [230013, 230029]],
  ['REFUSED', 'The bot may not write to this person.', [230027, 230035]],
  ['REFUSED', 'The person does not want messages of the bot.', [230053]],
  ['REFUSED', "Feishu's data protection stopped the message.", [230022, 230028]],
  ['REFUSED', 'The message is too long.', [230025]],
  ['UNAVAILABLE', 'Feishu is still sending the message.', [230049]],
  ['UUID_CONFLICT', 'An instance with this uuid was created before.', [60012]],
  ['UNAVAILABLE', 'Feishu is busy with this approval.', [60014]],
  ['UNAVAILABLE', 'Feishu had an internal error.', [2200, 5000, 55001, 65001, ...FEISHU_CODES.DOUBTFUL]],
];
const byCode = new Map(
  meanings.flatMap(([code, sentence, codes]) => codes.map((one) => [one, { code, sentence }] as const)),
);

/** "Content Too Large" of HTTP: whoever answers it has not carried the request out. */
const TOO_LARGE = 413;

/**
 * Whether a create was definitely refused for what is in it, so that another form of the same request may pass. Not so
 * where Feishu names a person, a department or a right: no form helps there.
 */
export function isParameterRefusal(error: FeishuError): boolean {
  const isTooLarge = error.code === 'REFUSED' && error.httpStatus === TOO_LARGE;
  return isTooLarge || hasCode(error, FEISHU_CODES.PARAMETERS_REFUSED);
}

/** undefined: the call succeeded. Branches on Feishu's `code`, and on the HTTP status only where there is none. */
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
    ? failure('UNAVAILABLE', 'Feishu had an error that we do not know.', details)
    : failure('REFUSED', 'Feishu gave a reason that we do not know.', details);
}

/** An answer that says it worked, in a form that we cannot read: it may have been carried out. */
export const unreadable = (): FeishuError =>
  new FeishuError('UNAVAILABLE', 'Feishu answered in a form that we do not understand.');

function withoutCode(answer: FeishuAnswer): FeishuError {
  const { httpStatus } = answer;
  if (httpStatus === 429) return rateLimited(answer, { httpStatus });
  if (httpStatus === TOO_LARGE) {
    return new FeishuError('REFUSED', 'The request is too large for Feishu, or for a proxy before it.', {
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
    `The configured host answered HTTP ${httpStatus} in a form that is not Feishu's: a proxy, or another host?`,
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
  return new FeishuError('RATE_LIMITED', 'Feishu asks us to slow down.', {
    ...details,
    retryAfterSeconds: answer.retryAfterSeconds ?? UNSTATED_LIMIT_SECONDS,
  });
}

const GRANT = 'Add it in the developer console and publish a version of the app.';

/** Scope names are all that is ever repeated of what Feishu said. */
function missingScopes(envelope: { msg?: string | undefined; error?: unknown }): string {
  const said = [JSON.stringify(envelope.error ?? null), envelope.msg ?? ''].join(' ');
  const scopes = new Set(said.match(/\b[a-z]+(?::[a-z_]+(?:\.[a-z_]+)*)+\b/g) ?? []);
  return scopes.size > 0
    ? `The app lacks a permission; any one of these is enough: ${[...scopes].slice(0, 10).join(', ')}. ${GRANT}`
    : `The app lacks a permission. ${GRANT}`;
}
