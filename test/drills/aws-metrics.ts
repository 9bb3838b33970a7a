import type { Functions } from '../../infra/local/aws/functions.ts';
import type { MetricsStore } from './metrics-store.ts';

/**
 * Metrics that AWS makes, as far as the drill stack really does what they count: invocations and errors of functions,
 * the age of stream records at delivery, 5xx answers of the front, and the number of dead letters. All others would be
 * invented.
 */
export interface DerivedMetrics {
  invoked(functionName: string, failed: boolean): void;
  /** A batch of a stream was passed to a function. */
  passed(functionName: string, ageMs: number): void;
  answered(status: number): void;
  deadLetters(count: number): void;
}

/** The names of resources as `readable` of the template writes them. */
const RESOURCES = {
  front: 'HttpFrontApi',
  deadLetters: 'WorkQueueDeadLetters.QueueName',
} as const;
const functionResource = (name: string): string =>
  `Functions${name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')}Function`;

export function deriveMetrics(store: MetricsStore, now: () => number): DerivedMetrics {
  const ofFunction = (functionName: string, name: string, value: number) =>
    store.put(
      { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionResource(functionName) } },
      value,
      now(),
    );
  return {
    invoked(functionName, failed) {
      ofFunction(functionName, 'Invocations', 1);
      // Lambda emits Errors with each invocation: 0 for a success ("Types of metrics for Lambda functions").
      ofFunction(functionName, 'Errors', failed ? 1 : 0);
    },
    passed: (functionName, ageMs) => ofFunction(functionName, 'IteratorAge', ageMs),
    answered: (status) =>
      store.put(
        { namespace: 'AWS/ApiGateway', name: '5xx', dimensions: { ApiId: RESOURCES.front } },
        status >= 500 ? 1 : 0,
        now(),
      ),
    deadLetters: (count) =>
      store.put(
        {
          namespace: 'AWS/SQS',
          name: 'ApproximateNumberOfMessagesVisible',
          dimensions: { QueueName: RESOURCES.deadLetters },
        },
        count,
        now(),
      ),
  };
}

/** Counts each invocation, and whether it threw. */
export function countInvocations(functions: Functions, aws: DerivedMetrics): Functions {
  const counted =
    <E, R>(name: string, run: (event: E) => Promise<R>) =>
    async (event: E): Promise<R> => {
      try {
        const result = await run(event);
        aws.invoked(name, false);
        return result;
      } catch (error) {
        aws.invoked(name, true);
        throw error;
      }
    };
  return {
    watchIssues: counted('watch-issues', functions.watchIssues),
    reconcileIssues: counted('reconcile-issues', functions.reconcileIssues),
    sweepApprovals: counted('sweep-approvals', functions.sweepApprovals),
    publishApprovalEvents: counted('publish-approval-events', functions.publishApprovalEvents),
    receiveFeishuEvents: counted('receive-feishu-events', functions.receiveFeishuEvents),
    receiveExternalEvents: counted('receive-external-events', functions.receiveExternalEvents),
    manageSettings: counted('manage-settings', functions.manageSettings),
  };
}
