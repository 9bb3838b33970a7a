/**
 * Every metric of this product. docs/operate.md has the same table, and a test compares them. A metric with `by` is
 * published twice: as a total, and with this dimension, whose values are few and fixed. Names are stored names: they
 * never change.
 */
export interface Metric {
  unit: 'Count' | 'Milliseconds' | 'Seconds';
  by?: 'state' | 'code' | 'reason' | 'class' | 'kind' | 'role' | 'function';
  /** What one value stands for. */
  meaning: string;
}

const count = (meaning: string) => ({ unit: 'Count', meaning }) as const;
const countBy = <By extends NonNullable<Metric['by']>>(by: By, meaning: string) =>
  ({ unit: 'Count', by, meaning }) as const;
const milliseconds = (meaning: string) => ({ unit: 'Milliseconds', meaning }) as const;
const seconds = (meaning: string) => ({ unit: 'Seconds', meaning }) as const;

export const METRICS = {
  // From the change of a record to the hint.
  HintSent: count('a hint was sent for a change of an issue'),
  InvalidRecord: count('a change made an invalid record'),
  TriggerNewStage: count('an issue arrived at a stage'),
  TriggerAssigneeChanged: count('an assignee changed'),
  TriggerStatementChanged: count('the SQL of a task changed'),
  TriggerBell: count('a creator rang the bell'),
  // Approvals.
  ApprovalRequested: count('a round was opened'),
  ApprovalSent: count('a request was accepted by Feishu or the OA'),
  ApprovalDecided: countBy(
    'state',
    'an approval was approved, rejected, canceled, deleted, expired or reverted',
  ),
  ApprovalFailed: countBy('code', 'an approval ended as FAILED'),
  ApprovalWithdrawn: countBy('reason', 'an approval was withdrawn'),
  TimeToCard: milliseconds('from the change of the record until the request was accepted'),
  TimeToTransaction: milliseconds(
    'from the receipt of an event until its decision was stored; from the decision if Feishu could not be read then',
  ),
  PersonUnknown: countBy('role', 'Feishu does not know the creator (the bot asks) or the assignee (FAILED)'),
  DecisionFoundByLook: count('a look found a decision in Feishu that no event had reported'),
  // Calls.
  FeishuCall: count('a call of Feishu by the worker'),
  FeishuError: countBy('class', 'a call of Feishu failed'),
  FeishuUnreachable: count(
    'of each call: 1 if Feishu did not answer or had an internal error, otherwise 0; also 0 after a check that passes',
  ),
  FeishuSetupRefused: count(
    'of each answered call: 1 if Feishu refused the set-up, otherwise 0; also 1 if the app has no keys, and 0 after a check that passes',
  ),
  LimitWait: count('a call had to wait for the rate limit'),
  OaCall: count('a call of an OA'),
  OaUnreachable: count('of each call of an OA: 1 if it did not answer as it should, otherwise 0'),
  // Webhooks.
  WebhookStored: count('an event was stored as a hint'),
  WebhookIgnored: count('an event was not for us'),
  WebhookRefused: countBy('kind', 'an event was refused'),
  WebhookUnavailable: count('an event could not be stored; the sender sends it again'),
  // Failures.
  RecordFailed: countBy('function', 'a stream record could not be processed'),
  RecordSetAside: countBy('function', 'a stream record that cannot succeed was set aside'),
  HintFailed: count('a hint could not be handled'),
  HintSetAside: count('a hint that cannot succeed, or failed for six hours, was set aside'),
  RightMissing: countBy('function', 'AWS denied a call because a right is missing'),
  // The sweep.
  SweepDue: count('a due round was hinted by the sweep'),
  SweepFailed: count('the sweep failed on an issue or a round'),
  PlanCorrection: count('the sweep hinted an issue whose plan has an action; its own hint may be under way'),
  SweepLap: milliseconds('a walk through all issues'),
  OldestUnsent: seconds('age of the oldest request that is not sent and does not wait for the rate limit'),
  EventSourceDisabled: count('how many of the three event sources are not enabled'),
  // Events for other systems.
  ApprovalEventPublished: count('an event was put on the event bus'),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;
/** The metrics that are counted with a value of their dimension. `function` is known without being given. */
export type MetricBy = {
  [N in MetricName]: (typeof METRICS)[N] extends { by: Exclude<Metric['by'], 'function' | undefined> }
    ? N
    : never;
}[MetricName];

/** The dimension of every metric: which copy of this product, in one account, it belongs to. */
export const DEPLOYMENT_DIMENSION = 'service';
