import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Trigger } from '../issue/triggers.ts';

/** Everything that is counted, by CloudWatch name; dashboards and alarms use these and no others. */
export const METRICS = [
  'HintSent',
  'InvalidRecord',
  'TriggerNewStage',
  'TriggerAssigneeChanged',
  'TriggerStatementChanged',
  'TriggerBell',
  'WebhookStored',
  'WebhookIgnored',
  'WebhookRefused',
  'WebhookUnavailable',
  'ApprovalEventPublished',
  'RecordFailed',
] as const;
export type MetricName = (typeof METRICS)[number];

export const TRIGGER_METRICS = {
  NEW_STAGE: 'TriggerNewStage',
  ASSIGNEE_CHANGED: 'TriggerAssigneeChanged',
  STATEMENT_CHANGED: 'TriggerStatementChanged',
  BELL: 'TriggerBell',
} as const satisfies Record<Trigger, MetricName>;

export interface Counter {
  /** Adds to a metric; 1 unless said. */
  count(name: MetricName, value?: number): void;
  /** Prints what was counted in CloudWatch's embedded format; nothing if nothing was. Once an invocation. */
  flush(): void;
}

/** The namespace comes from POWERTOOLS_METRICS_NAMESPACE; POWERTOOLS_METRICS_DISABLED=true silences it. */
export function createCounter(serviceName: string): Counter {
  const metrics = new Metrics({ serviceName });
  return {
    count: (name, value = 1) => void metrics.addMetric(name, MetricUnit.Count, value),
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
