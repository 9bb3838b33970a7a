import * as z from 'zod';
import { FORM_LEVELS, FORM_WORDINGS } from '../../feishu/form/form-kind.ts';
import {
  CLOSE_REASONS,
  CLOSED_STATES,
  COMMENT_KINDS,
  type CommentKind,
  LIVE_STATES,
} from '../../issue/approval-words.ts';
import { TRIGGERS, type Trigger } from '../../issue/triggers.ts';
import { isKnown, storedSchema } from '../../runtime/stored.ts';
import { CHANNEL_ERROR_CODES, CHANNELS, REF_NAMES, type RefName } from '../channels/policies.ts';
import { PACED_APIS } from '../channels/policy.ts';
import type { CHANNEL_OF } from '../channels/registration.ts';

/**
 * A round is one request for one subject: a stage, asked in Feishu, or an EXTERNAL step, asked at an OA.
 * Pure: no I/O, no clock. The states and names are those of docs/contract.md 1, "What we write back".
 */

export const SUBJECT_KINDS = ['STAGE', 'STEP'] as const satisfies readonly (keyof typeof CHANNEL_OF)[];

export const ERROR_CODES = [
  ...CHANNEL_ERROR_CODES,
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
  'CANCEL_REFUSED',
] as const;
export type RoundErrorCode = (typeof ERROR_CODES)[number];

/** Whether the instance of a closed round stands open, or may exist unseen. */
export const LEFTOVER_KINDS = ['OPEN', 'UNKNOWN'] as const;

const iso = z.string();

export const subjectSchema = z.object({ kind: z.enum(SUBJECT_KINDS), id: z.string() });
export type Subject = z.infer<typeof subjectSchema>;

export const decisionSchema = z.object({
  result: z.enum(['APPROVED', 'REJECTED']),
  by: z.object({ email: z.string().optional(), userId: z.string().optional() }),
  /** Feishu's own time of the decision, ISO 8601 UTC. */
  at: iso,
  comment: z.string().optional(),
  applied: z.boolean(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** The people asked and asking; `userId` is the Feishu open_id. */
const approverSchema = z.object({ email: z.string(), userId: z.string().optional() });
const requesterSchema = z.object({ email: z.string(), userId: z.string().optional(), bot: z.boolean() });

/** What has become of the reminders of a round (`deadlines.ts` reads the next one's time from it). */
const remindersSchema = z.object({
  /** Sent, or begun so long ago that they count as sent. */
  sent: z.int(),
  /** The next one has been begun: Feishu may have sent it. */
  begunAt: iso.optional(),
  /** The period counts from here; absent: from the card's `sentAt`. */
  from: iso.optional(),
  /** A try failed, and the next one waits. */
  notBefore: iso.optional(),
  /** Feishu takes no reminder for this round: there are no more. */
  over: z.literal(true).optional(),
});
export type Reminders = z.infer<typeof remindersSchema>;

/** A form that was stored to be sent under the round's uuid (ADR 13). */
const sentFormSchema = z.object({
  level: z.enum(FORM_LEVELS),
  wording: z.enum(FORM_WORDINGS),
  /** Of the whole create call. */
  bytes: z.int(),
  /** Every statement stands whole on it. */
  whole: z.boolean(),
  /** Feishu refused its parameters, in a sentence of ours. Absent: it passed, or was not answered. */
  refusal: z.string().optional(),
  /** It was given up as an outage would be: nothing is learnt from that. */
  doubtful: z.literal(true).optional(),
  /** Its last create was definitely not carried out (a rate limit, trouble of the set-up), and none before is open. */
  unsent: z.literal(true).optional(),
});
export type SentForm = z.infer<typeof sentFormSchema>;

const refusedFormSchema = sentFormSchema.pick({ level: true, wording: true, bytes: true, doubtful: true });
export type RefusedForm = z.infer<typeof refusedFormSchema>;

/** What a round that follows a `RESENT` one goes on from. */
const resumedSchema = z.object({
  /** What was refused under the uuids before. */
  refused: z.array(refusedFormSchema),
  /** Rounds in a row that met a taken uuid. */
  conflicts: z.int(),
});

const refMembers = Object.fromEntries(REF_NAMES.map((name) => [name, z.string().optional()])) as Record<
  RefName,
  z.ZodOptional<z.ZodString>
>;

const roundMembers = z.object({
  issueId: z.string(),
  subject: subjectSchema,
  /** Counts the rounds of a subject, from 1. */
  generation: z.int().min(1),
  /** A random UUID: the `uuid` of the Feishu instance, the idempotency key at an OA. */
  approvalId: z.string(),
  /** Grows by one with every write: the compare-and-set of all writers. */
  revision: z.int().min(0),
  state: z.enum([...LIVE_STATES, ...CLOSED_STATES]),

  /** `canonicalContent` as it was when the round was opened, with its version inside. */
  content: z.string(),
  contentSha256: z.string(),
  /** taskId → task hash. */
  tasks: z.record(z.string(), z.string()),
  /**
   * Of a stage: the tasks that asked for approval, by id, when it was opened, and again when its request was composed.
   * Absent until a round of an earlier version is first seen.
   */
  asking: z.array(z.string()).optional(),
  /** Of a stage: the tasks that the card showed as PENDING, RUNNING or FAILED, that is, as approved before. */
  underWay: z.array(z.string()).default([]),
  triggers: z.array(z.enum(TRIGGERS)).min(1),
  /** `arrival` of the issue's memory at opening; another number there means that a stage's round is spent. */
  arrival: z.int(),
  /** `life` of the issue's memory at opening; another number there means that a step's round is spent. */
  life: z.int().default(0),
  /** The record's `bell.seq` at opening, whoever rang. */
  bellSeq: z.int(),

  channel: z.enum(CHANNELS),
  /** With FEISHU: what it was sent with. */
  appId: z.string().optional(),
  domain: z.enum(['feishu', 'lark']).optional(),
  definitionCode: z.string().optional(),
  /** With EXTERNAL: the node that is asked. */
  nodeId: z.string().optional(),
  /** Empty with EXTERNAL: who decides is the OA's. */
  approvers: z.array(approverSchema),
  requester: requesterSchema,
  /** The channel's own id of the request, by the name of its policy's `ref`. */
  ...refMembers,

  requestedAt: iso,
  /** Since when the request before this one had to wait for a call, if it had to: this one is no newcomer (ADR 17). */
  waitedSince: iso.optional(),
  sentAt: iso.optional(),
  closedAt: iso.optional(),
  closeReason: z.enum(CLOSE_REASONS).optional(),
  decisions: z.array(decisionSchema),
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }).optional(),

  /** A send was begun: Feishu may know the instance even if we do not. */
  attempted: z.boolean(),
  /** The forms of the card, in the order in which they were sent; the last is what the approver has, if anything. */
  forms: z.array(sentFormSchema).default([]),
  resumed: resumedSchema.optional(),
  /** Creates answered with 1395001, "server error" or "check the parameters", since the first of them. */
  doubts: z.object({ since: iso, tries: z.int() }).optional(),
  /** When its uuid was first found to be taken, while nothing was found by it. */
  conflictAt: iso.optional(),
  /** Intent to withdraw, stored before the first cancel. */
  withdraw: z.object({ reason: z.enum(CLOSE_REASONS), at: iso }).optional(),
  /** A cancel of its instance was begun: if that is found CANCELED, it was most likely by us. */
  cancelBegun: z.literal(true).optional(),
  /** Who is asked by the round that was opened when this one closed; kept for the text of its comment. */
  successor: z.object({ email: z.string() }).optional(),
  /** Its OA has answered our CANCEL: whatever it calls that, it does not stand open. */
  takenBack: z.literal(true).optional(),
  /** Closed, but the instance stands open (OPEN) or may exist unseen (UNKNOWN). */
  settle: z.object({ what: z.enum(LEFTOVER_KINDS), tries: z.int() }).optional(),
  /** Remarks still to be posted on the instance. */
  remarks: z.array(z.enum(COMMENT_KINDS)),
  /** Remarks that were posted, or given up. */
  remarked: z.array(z.enum(COMMENT_KINDS)),
  /** How often the pending remarks were tried. */
  remarkTries: z.int(),
  /** They were tried, and are tried again from this time on. */
  remarkAfter: iso.optional(),
  /** How often the round was looked at, or tried to be sent, in its state: the pauses grow with it. */
  looks: z.int(),
  /** Statuses told by events that could not be looked into yet: GET does not tell all of them. */
  missed: z.array(z.string()),
  /** Closed, and since then its stage was seen without a task that asks for approval: it may come to need it again. */
  rested: z.literal(true).optional(),
  /** Of an APPROVED round: tasks changed since that were seen at PENDING_APPROVAL, taskId → task hash. */
  asked: z.record(z.string(), z.string()),
  /** Looks in a row that failed for a reason that is not the issue's. */
  setbacks: z.int(),
  /** Since when its OA has not answered as it should. */
  failingSince: iso.optional(),
  /** Looks at an instance that an event calls decided and GET still calls pending. */
  rechecks: z.int(),
  /** The sweep hints this round from this time on, ISO 8601; or its place in a line (`line.ts`); absent: never. */
  checkAfter: iso.optional(),
  /** The approver is reminded, and the request expires, from these times on; absent: never. They follow the settings. */
  remindAt: iso.optional(),
  expireAt: iso.optional(),
  reminders: remindersSchema.default({ sent: 0 }),
  /** Time slots handed out by the pacer, ISO 8601. */
  slots: z.object({ create: iso.optional(), cancel: iso.optional(), call: iso.optional() }),
  /** No slot was near: it is called up when its turn comes, the oldest first. */
  waiting: z.object({ api: z.enum(PACED_APIS), since: iso }).optional(),
});
export const roundSchema = storedSchema(roundMembers);
export type Round = z.infer<typeof roundSchema>;

/** Every form that was sent of a round was definitely refused: nothing exists under its uuid. */
export const isRefused = ({ forms }: Round): boolean =>
  forms.length > 0 && forms.every(({ refusal, doubtful }) => refusal !== undefined && !doubtful);

/** The remarks to be posted; those of a newer version wait for it. */
export const pendingComments = ({ remarks }: Pick<Round, 'remarks'>): CommentKind[] =>
  remarks.filter((remark) => isKnown(COMMENT_KINDS, remark));

/** The triggers that a round which repeats this one has; a trigger of a newer version has no words here. */
export function repeatedTriggers({ triggers }: Pick<Round, 'triggers'>): Trigger[] {
  const known = triggers.filter((trigger) => isKnown(TRIGGERS, trigger));
  return known.length > 0 ? known : ['NEW_STAGE'];
}

export const isLive = (round: Round): boolean => round.state === 'REQUESTED' || round.state === 'PENDING';
export const sameSubject = (a: Subject, b: Subject): boolean => a.kind === b.kind && a.id === b.id;

/** The forms that were refused of this request, under this uuid and those before it. */
export const refusedForms = ({ forms, resumed }: Round): RefusedForm[] => [
  ...(resumed?.refused ?? []),
  ...forms
    .filter(({ refusal }) => refusal !== undefined)
    .map(({ level, wording, bytes, doubtful }) => ({ level, wording, bytes, ...(doubtful && { doubtful }) })),
];
