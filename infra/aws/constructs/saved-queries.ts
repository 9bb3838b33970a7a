import { Stack } from 'aws-cdk-lib';
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/**
 * Queries of CloudWatch Logs Insights over the logs of all functions, by the name under which they are saved. The fields
 * are those of `shared/runtime/logger.ts`, and of the lines with metrics (`shared/runtime/metrics.ts`). Several values
 * of one metric on a line are an array, whose first value is the field `<metric>.0`.
 */
const QUERIES = {
  'Story of an issue': [
    'fields @timestamp, service, level, message, approvalId, instanceCode, correlationId, error.code, error.name',
    '# Put the id of the issue in place of ISSUE.',
    '| filter issueId = "ISSUE" and ispresent(message)',
    '| sort @timestamp asc',
    '| limit 1000',
  ],
  'Failures of the last hours': [
    'fields @timestamp, service, message, issueId, approvalId, correlationId, error.name, error.code, error.httpStatus, error.requestId, record.status',
    '| filter level = "ERROR" or (type = "platform.report" and record.status != "success")',
    '| sort @timestamp desc',
    '| limit 500',
  ],
  'Issues whose calls failed': [
    'filter message in ["call failed", "approval failed"]',
    '| stats count(*) as times, latest(code) as lastCode, latest(feishuCode) as lastFeishuCode, max(@timestamp) as last by issueId, approvalId',
    '| sort last desc',
    '| limit 500',
  ],
  'Refused webhooks': [
    'filter message in ["webhook refused", "OA event refused"]',
    '| stats count(*) as requests, max(@timestamp) as last by service, reason, nodeId',
    '| sort requests desc',
  ],
  'Slowest cards': [
    'filter ispresent(function_request_id)',
    '| stats max(coalesce(TimeToCard, TimeToCard.0)) as milliseconds, sortsLast(issueId) as issue, sortsLast(approvalId) as approval, min(@timestamp) as at by function_request_id',
    '| filter milliseconds > 0',
    '| sort milliseconds desc',
    '| limit 50',
  ],
  'Calls of Feishu by outcome': [
    'filter ispresent(FeishuCall) or ispresent(FeishuCall.0) or ispresent(class)',
    '| fields coalesce(class, "CALLED") as outcome',
    '| stats count(*) as invocations by outcome, bin(15m)',
  ],
} as const satisfies Record<string, readonly string[]>;

/** Saves the queries. Their names begin with the name of the stack, because an account has one list of them. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { logGroupNames }: { logGroupNames: string[] }) {
    super(scope, id);
    for (const [name, lines] of Object.entries(QUERIES)) {
      new CfnQueryDefinition(this, name.replaceAll(' ', ''), {
        name: `${Stack.of(this).stackName}/${name}`,
        queryString: lines.join('\n'),
        logGroupNames,
      });
    }
  }
}
