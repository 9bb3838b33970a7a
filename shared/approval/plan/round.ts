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
import { isKnown, storedSchema } from '../../runtime/stored-items.ts';
import { CHANNEL_ERROR_CODES, CHANNELS, REF_NAMES, type RefName } from '../channels/policies.ts';
import { PACED_APIS } from '../channels/policy.ts';
import type { CHANNEL_OF } from '../channels/registration.ts';

/**
 * The schema of a round: one request for one subject, which is a stage (asked in Feishu) or an EXTERNAL step (asked
 * at an OA). Pure: no I/O, no clock. States and names are those of docs/contract.md 1, "What we write back".
 */

/** The kinds of subjects that this version knows. */
export const SUBJECT_KINDS = ['STAGE', 'STEP'] as const satisfies readonly (keyof typeof CHANNEL_OF)[];

/** The codes of `error` of a round (docs/contract.md 1). */
export const ERROR_CODES = [
  ...CHANNEL_ERROR_CODES,
  'DECIDED_BY_ANOTHER',
  'DECIDED_AUTOMATICALLY',
  'CANCEL_REFUSED',
] as const;
export type RoundErrorCode = (typeof ERROR_CODES)[number];

/**
 * What a closed round may have left: an instance that is still open (OPEN), or one that may exist unseen (UNKNOWN).
 */
export const LEFTOVER_KINDS = ['OPEN', 'UNKNOWN'] as const;

const iso = z.string();

/** What one approval is about. `id`: the stageId or the stepId. */
export const subjectSchema = z.object({ kind: z.enum(SUBJECT_KINDS), id: z.string() });
export type Subject = z.infer<typeof subjectSchema>;

/** A decision of a person, or of a rule of Feishu. `applied`: whether it took effect. */
export const decisionSchema = z.object({
  result: z.enum(['APPROVED', 'REJECTED']),
  by: z.object({ email: z.string().optional(), userId: z.string().optional() }),
  /** Time of the decision, ISO 8601 UTC: as Feishu reports it, or when an OA reported it. */
  at: iso,
  comment: z.string().optional(),
  applied: z.boolean(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** The approvers and the requester. `userId` is the Feishu open_id. */
const approverSchema = z.object({ email: z.string(), userId: z.string().optional() });
const requesterSchema = z.object({ email: z.string(), userId: z.string().optional(), bot: z.boolean() });

/** The reminders of a round so far. `deadlines.ts` derives the time of the next one. */
const remindersSchema = z.object({
  /** How many were sent, or begun so long ago that they count as sent. */
  sent: z.int(),
  /** When the next one was begun. Feishu may have sent it. */
  begunAt: iso.optional(),
  /** The period is counted from this time; absent: from `sentAt`. */
  from: iso.optional(),
  /** An attempt failed. The next one is not made before this time. */
  notBefore: iso.optional(),
  /** Feishu refuses reminders for this round, so no more are sent. */
  over: z.literal(true).optional(),
});
export type Reminders = z.infer<typeof remindersSchema>;

/** A form that was stored to be sent under the round's uuid (ADR 13). */
const sentFormSchema = z.object({
  level: z.enum(FORM_LEVELS),
  wording: z.enum(FORM_WORDINGS),
  /** Size of the whole create call. */
  bytes: z.int(),
  /** The form shows every statement whole. */
  whole: z.boolean(),
  /** Why Feishu refused its parameters, in a sentence of this product. Absent: the form passed, or was not answered. */
  refusal: z.string().optional(),
  /** The form was given up, but the cause may have been an outage. So nothing is learned from its refusal. */
  doubtful: z.literal(true).optional(),
  /**
   * The last create of this form was definitely not carried out (rate limit or set-up problem), and no earlier one is
   * unanswered.
   */
  unsent: z.literal(true).optional(),
});
export type SentForm = z.infer<typeof sentFormSchema>;

const refusedFormSchema = sentFormSchema.pick({ level: true, wording: true, bytes: true, doubtful: true });
export type RefusedForm = z.infer<typeof refusedFormSchema>;

/** What a round takes over from the `RESENT` round before it. */
const resumedSchema = z.object({
  /** The forms that were refused under the uuids of earlier rounds. */
  refused: z.array(refusedFormSchema),
  /** How many rounds in a row found their uuid taken. */
  conflicts: z.int(),
});

const refMembers = Object.fromEntries(REF_NAMES.map((name) => [name, z.string().optional()])) as Record<
  RefName,
  z.ZodOptional<z.ZodString>
>;

const roundMembers = z.object({
  issueId: z.string(),
  subject: subjectSchema,
  /** The number of the round among the rounds of its subject, from 1. */
  generation: z.int().min(1),
  /** A random UUID. It is the `uuid` of the Feishu instance and the idempotency key at an OA. */
  approvalId: z.string(),
  /** Grows by one with every write. All writers use it as their condition. */
  revision: z.int().min(0),
  state: z.enum([...LIVE_STATES, ...CLOSED_STATES]),

  /** `canonicalContent` when the round was opened, with its version inside. */
  content: z.string(),
  contentSha256: z.string(),
  /** taskId → task hash. */
  tasks: z.record(z.string(), z.string()),
  /**
   * For a stage: the ids of the tasks that asked for approval when the round was opened, and again when its request
   * was composed. Absent until this version first sees a round of an earlier version.
   */
  asking: z.array(z.string()).optional(),
  /**
   * For a stage: the ids of the tasks that the card showed as PENDING, RUNNING or FAILED, that is, as approved
   * before.
   */
  underWay: z.array(z.string()).default([]),
  triggers: z.array(z.enum(TRIGGERS)).min(1),
  /**
   * `arrival` of the issue memory when the round was opened. If the memory has another number now, a stage's round is
   * spent.
   */
  arrival: z.int(),
  /**
   * `life` of the issue memory when the round was opened. If the memory has another number now, a step's round is
   * spent.
   */
  life: z.int().default(0),
  /** `bell.seq` of the record when the round was opened, whoever rang. */
  bellSeq: z.int(),

  channel: z.enum(CHANNELS),
  /** For FEISHU: the app, domain and definition that the request uses. */
  appId: z.string().optional(),
  domain: z.enum(['feishu', 'lark']).optional(),
  definitionCode: z.string().optional(),
  /** For EXTERNAL: the node that is asked. */
  nodeId: z.string().optional(),
  /** Empty for EXTERNAL: the OA chooses who decides. */
  approvers: z.array(approverSchema),
  requester: requesterSchema,
  /** The channel's own id of the request. The policy of the channel names the member (`ref`). */
  ...refMembers,

  requestedAt: iso,
  /**
   * Since when the request before this one had to wait for a call. If it is set, this round is not a newcomer (ADR
   * 17).
   */
  waitedSince: iso.optional(),
  sentAt: iso.optional(),
  closedAt: iso.optional(),
  closeReason: z.enum(CLOSE_REASONS).optional(),
  decisions: z.array(decisionSchema),
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }).optional(),

  /** A send was begun: Feishu may have the instance even if we do not know it. */
  attempted: z.boolean(),
  /** The forms of the card in the order in which they were sent. The approver sees the last one, if any. */
  forms: z.array(sentFormSchema).default([]),
  resumed: resumedSchema.optional(),
  /**
   * Creates that Feishu answered with 1395001, which means "server error" or "check the parameters": how many, and
   * since when.
   */
  doubts: z.object({ since: iso, tries: z.int() }).optional(),
  /** When the uuid was first found to be taken although no instance was found by it. */
  conflictAt: iso.optional(),
  /** The intent to withdraw, stored before the first cancel. */
  withdraw: z.object({ reason: z.enum(CLOSE_REASONS), at: iso }).optional(),
  /** A cancel of the instance was begun. If the instance is then CANCELED, most likely this product canceled it. */
  cancelBegun: z.literal(true).optional(),
  /** The approver of the round that was opened when this one closed. The comment on this card names them. */
  successor: z.object({ email: z.string() }).optional(),
  /** The OA has answered our CANCEL. So the approval is not open there, whatever status the OA reports. */
  takenBack: z.literal(true).optional(),
  /** The closed round has left an instance that is open (OPEN) or may exist unseen (UNKNOWN). */
  settle: z.object({ what: z.enum(LEFTOVER_KINDS), tries: z.int() }).optional(),
  /** Comments that are still to be posted on the instance. */
  remarks: z.array(z.enum(COMMENT_KINDS)),
  /** Comments that were posted, or given up. */
  remarked: z.array(z.enum(COMMENT_KINDS)),
  /** How often posting the pending comments was tried. */
  remarkTries: z.int(),
  /** The pending comments are tried again from this time on. */
  remarkAfter: iso.optional(),
  /** How often the round was looked at, or its send was tried, in its present state. The pauses grow with it. */
  looks: z.int(),
  /** Statuses of events that could not be handled yet. They are stored because GET does not report all of them. */
  missed: z.array(z.string()),
  /**
   * After the round was closed, its stage was seen without a task that asks. So the stage may come to need approval
   * again.
   */
  rested: z.literal(true).optional(),
  /** For an APPROVED round: tasks that changed since and were seen at PENDING_APPROVAL, taskId → task hash. */
  asked: z.record(z.string(), z.string()),
  /** How many looks in a row failed for a reason that is not about the issue. */
  setbacks: z.int(),
  /** Since when the OA has not answered as it should. */
  failingSince: iso.optional(),
  /** How often an instance was looked at that an event calls decided while GET still says pending. */
  rechecks: z.int(),
  /**
   * The sweep hints this round from this time on, ISO 8601. Or the place of the round in a line (`line.ts`). Absent:
   * never.
   */
  checkAfter: iso.optional(),
  /** When the approver is reminded, and when the request expires; absent: never. Both follow the settings. */
  remindAt: iso.optional(),
  expireAt: iso.optional(),
  reminders: remindersSchema.default({ sent: 0 }),
  /** Slots that the pacer has granted, ISO 8601. */
  slots: z.object({ create: iso.optional(), cancel: iso.optional(), call: iso.optional() }),
  /** DynamoDB deletes the round after this time, in seconds since 1970 (`retention.ts`). Absent: never. */
  expiresAt: z.int().optional(),
  /** No slot was near, so the round waits in a line. The sweep calls it up when its turn comes, the oldest first. */
  waiting: z.object({ api: z.enum(PACED_APIS), since: iso }).optional(),
});
export const roundSchema = storedSchema(roundMembers);
export type Round = z.infer<typeof roundSchema>;

/** Whether Feishu definitely refused every form that was sent. Then no instance exists under the uuid. */
export const isRefused = ({ forms }: Round): boolean =>
  forms.length > 0 && forms.every(({ refusal, doubtful }) => refusal !== undefined && !doubtful);

/** Returns the comments to be posted. Kinds that only a newer version knows are left for it. */
export const pendingComments = ({ remarks }: Pick<Round, 'remarks'>): CommentKind[] =>
  remarks.filter((kind) => isKnown(COMMENT_KINDS, kind));

/** Returns the triggers for a round that repeats this one. Triggers that only a newer version knows are left out. */
export function repeatedTriggers({ triggers }: Pick<Round, 'triggers'>): Trigger[] {
  const known = triggers.filter((trigger) => isKnown(TRIGGERS, trigger));
  return known.length > 0 ? known : ['NEW_STAGE'];
}

/** Whether a round is live: REQUESTED or PENDING. */
export const isLive = ({ state }: Pick<Round, 'state'>): boolean => isKnown(LIVE_STATES, state);
/** Whether both are the same subject. */
export const sameSubject = (a: Subject, b: Subject): boolean => a.kind === b.kind && a.id === b.id;

/** Returns the forms of this request that were refused, under this uuid and those of the rounds before. */
export const refusedForms = ({ forms, resumed }: Round): RefusedForm[] => [
  ...(resumed?.refused ?? []),
  ...forms
    .filter(({ refusal }) => refusal !== undefined)
    .map(({ level, wording, bytes, doubtful }) => ({ level, wording, bytes, ...(doubtful && { doubtful }) })),
];
