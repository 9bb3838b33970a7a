import { Duration } from 'aws-cdk-lib';
import { type AlarmDefinition, ESSENTIAL } from './alarm-definition.ts';
import { type Measures, total } from './measures.ts';

/** Alarms on the metrics of this product. */
export const productAlarms = (measures: Measures): AlarmDefinition[] => [
  {
    id: 'RecordsFail',
    stage: 'CHANGE',
    ...ESSENTIAL,
    impact:
      'Stream records cannot be processed: new approvals are sent late, and consumers of approval events wait.',
    metric: measures.of('RecordFailed', 'Sum'),
    threshold: 1,
    periods: 3,
    datapoints: 2,
  },
  {
    id: 'HintsFail',
    stage: 'HINT',
    ...ESSENTIAL,
    impact: 'The worker fails on hints: approvals of some issues are neither sent nor applied.',
    metric: measures.of('HintFailed', 'Sum'),
    threshold: 1,
    // A hint that AWS refuses comes back after ten minutes, so it fails in two of three periods.
    periods: 3,
    datapoints: 2,
  },
  {
    id: 'SetAside',
    stage: 'HINT',
    impact:
      'A hint or a stream record cannot succeed and was set aside: the approvals of its issue wait for the sweep or a person.',
    metric: total('Set aside', [measures.of('HintSetAside', 'Sum'), measures.of('RecordSetAside', 'Sum')]),
    threshold: 1,
  },
  {
    id: 'FeishuRefusesSetup',
    stage: 'CARD',
    ...ESSENTIAL,
    impact:
      "Feishu refuses the app's keys, permissions or definition: no approval is sent or withdrawn, and no decision is read.",
    metric: measures.of('FeishuSetupRefused', 'Maximum'),
    threshold: 1,
    missing: 'ignore',
  },
  {
    id: 'FeishuOutOfReach',
    stage: 'CARD',
    ...ESSENTIAL,
    impact:
      'No call of Feishu has succeeded for ten minutes: approvals are sent, withdrawn and applied only when Feishu is back.',
    metric: measures.of('FeishuUnreachable', 'Minimum'),
    threshold: 1,
    periods: 2,
    missing: 'ignore',
  },
  {
    id: 'OaOutOfReach',
    stage: 'CARD',
    impact: 'An OA does not answer as it should: the steps that it decides wait, and so do their issues.',
    metric: measures.of('OaUnreachable', 'Maximum'),
    threshold: 1,
    periods: 3,
    missing: 'ignore',
  },
  {
    id: 'ApprovalsFailed',
    stage: 'CARD',
    ...ESSENTIAL,
    impact: 'An approval ended as FAILED: its stage stays unapproved until a person corrects the cause.',
    metric: measures.of('ApprovalFailed', 'Sum'),
    threshold: 1,
  },
  {
    id: 'OldestUnsent',
    stage: 'CARD',
    ...ESSENTIAL,
    impact: 'A request has waited for more than ten minutes to be sent: its approver has no card.',
    metric: measures.of('OldestUnsent', 'Maximum'),
    threshold: Duration.minutes(10).toSeconds(),
    periods: 3,
    datapoints: 1,
  },
  {
    id: 'WebhookRefused',
    stage: 'DECISION',
    ...ESSENTIAL,
    impact:
      'Events of Feishu or of an OA are refused because their key or signature is wrong: decisions are found late, by looking.',
    metric: total(
      'Refused for their key or signature',
      (['FEISHU_SIGNATURE', 'FEISHU_TOKEN_OR_APP', 'OA_FORGED'] as const).map((kind) =>
        measures.partOf('WebhookRefused', kind, 'Sum', Duration.hours(1)),
      ),
    ),
    threshold: 2,
  },
  {
    id: 'WebhookUnavailable',
    stage: 'DECISION',
    impact: 'Events cannot be stored: Feishu and OAs send them again, and decisions are applied late.',
    metric: measures.of('WebhookUnavailable', 'Sum'),
    threshold: 1,
    periods: 2,
  },
  {
    id: 'EventsMissing',
    stage: 'DECISION',
    ...ESSENTIAL,
    impact: 'Events of Feishu do not arrive: decisions are found minutes or hours late, by looking.',
    // A day without a value is a 0: CloudWatch would otherwise look at earlier days.
    metric: total('Decisions that no event told', [
      measures.of('DecisionFoundByLook', 'Sum', Duration.days(1)),
    ]),
    threshold: 2,
  },
  {
    id: 'DecisionsLate',
    stage: 'TRANSACTION',
    ...ESSENTIAL,
    impact: 'A decision was stored more than two minutes after its event: approved tasks start late.',
    metric: measures.of('TimeToTransaction', 'Maximum'),
    threshold: Duration.minutes(2).toMilliseconds(),
  },
  {
    id: 'RightMissing',
    stage: 'WHOLE',
    ...ESSENTIAL,
    impact: 'AWS denies a function a right: its work waits, and no repeat helps until the right is granted.',
    metric: measures.of('RightMissing', 'Sum'),
    threshold: 1,
  },
  {
    id: 'SweepFails',
    stage: 'WHOLE',
    impact: 'The sweep fails on an issue or a round: its lost hints are not found, and its retries wait.',
    metric: measures.of('SweepFailed', 'Sum'),
    threshold: 1,
    // A walk of more than 100 issues begins every ten minutes, so one issue fails in every second period.
    periods: 6,
    datapoints: 3,
  },
  {
    id: 'EventSourceDisabled',
    stage: 'WHOLE',
    ...ESSENTIAL,
    impact:
      'A function does not receive its records or hints, because its event source is not enabled: approvals stand still.',
    metric: measures.of('EventSourceDisabled', 'Maximum'),
    threshold: 1,
    periods: 2,
  },
];
