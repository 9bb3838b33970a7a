import type { LogLine } from '../../../infra/cli/logs/line.ts';

/** The first second of `aLogLine`. */
export const LOGGED_AT = '2026-03-01T07:00:00.000Z';

/** A line as the logger writes it, `second` seconds after LOGGED_AT. */
export function aLogLine({
  second = 0,
  ...members
}: {
  second?: number;
  [member: string]: unknown;
}): LogLine {
  const at = Date.parse(LOGGED_AT) + second * 1000;
  const raw = {
    level: 'INFO',
    message: 'issue written',
    timestamp: new Date(at).toISOString(),
    service: 'watch-issues',
    function_request_id: 'request-1',
    ...members,
  };
  return { at, raw };
}

/** A line with metrics, as Powertools prints it. */
export const aMetricLine = (members: Record<string, unknown> = {}) => ({
  _aws: {
    Timestamp: Date.parse(LOGGED_AT),
    CloudWatchMetrics: [{ Namespace: 'FrabitImApproval', Dimensions: [['service']], Metrics: [] }],
  },
  service: 'FrabitImApproval',
  function_name: 'reconcile-issues',
  ApprovalSent: 1,
  ...members,
});
