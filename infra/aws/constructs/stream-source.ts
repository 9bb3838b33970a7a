import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { FilterCriteria, FilterRule, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { FailedRecords } from './failed-records.ts';
import type { ProductFunction } from './product-function.ts';

interface StreamSourceProps {
  table: ITableV2;
  target: ProductFunction;
  failedRecords: FailedRecords;
  /** Only items whose sort key (`sk`) begins with one of these; absent: all records. */
  sortKeyPrefixes?: string[];
}

/**
 * A table's stream as event source of a function: starts at the oldest record, supports partial batch responses, splits a
 * failed batch, retries a limited number of times, and then uses the failed-records bucket, so that no record blocks
 * the ones behind it.
 */
export class StreamSource extends Construct {
  private readonly mappingId: string;

  constructor(scope: Construct, id: string, props: StreamSourceProps) {
    super(scope, id);
    const source = new DynamoEventSource(props.table, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: 20,
      onFailure: props.failedRecords.destinationFor(props.target.role),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      ...(props.sortKeyPrefixes ? { filters: [onlySortKeys(props.sortKeyPrefixes)] } : {}),
    });
    props.target.lambda.addEventSource(source);
    this.mappingId = source.eventSourceMappingId;
  }

  /** Records given up in each five minutes: stored in the bucket, or dropped because even that failed. */
  metricGivenUp(): MathExpression {
    const count = (metricName: string) =>
      new Metric({
        namespace: 'AWS/Lambda',
        metricName,
        dimensionsMap: { EventSourceMappingUUID: this.mappingId },
        statistic: 'Sum',
        period: Duration.minutes(5),
      });
    return new MathExpression({
      label: 'Records given up',
      expression: 'FILL(kept, 0) + FILL(dropped, 0)',
      usingMetrics: {
        kept: count('OnFailureDestinationDeliveredEventCount'),
        dropped: count('DroppedEventCount'),
      },
      period: Duration.minutes(5),
    });
  }
}

const onlySortKeys = (prefixes: string[]) =>
  FilterCriteria.filter({
    dynamodb: { Keys: { sk: { S: prefixes.flatMap((prefix) => FilterRule.beginsWith(prefix)) } } },
  });
