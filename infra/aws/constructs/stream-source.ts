import { Duration } from 'aws-cdk-lib';
import { type MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { FilterCriteria, FilterRule, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { FailedRecords } from './failed-records.ts';
import { sum, total } from './measures.ts';
import type { ProductFunction } from './product-function.ts';

/** An event source mapping, by which a function receives what it handles. */
export interface EventSource {
  id: string;
  arn: string;
}

interface StreamSourceProps {
  table: ITableV2;
  target: ProductFunction;
  failedRecords: FailedRecords;
  /** Only items whose sort key (`sk`) begins with one of these; absent: all records. */
  sortKeyPrefixes?: string[];
}

/**
 * A table's stream as event source of a function: starts at the oldest record, supports partial batch responses, and
 * splits a failed batch. The function itself sets a record aside that cannot succeed. Lambda retries every other failure
 * until the record is six hours old, and then uses the failed-records bucket, so that no record blocks the ones behind
 * it for longer.
 */
export class StreamSource extends Construct {
  readonly mapping: EventSource;

  constructor(scope: Construct, id: string, props: StreamSourceProps) {
    super(scope, id);
    const source = new DynamoEventSource(props.table, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      retryAttempts: -1,
      maxRecordAge: Duration.hours(6),
      onFailure: props.failedRecords.destinationFor(props.target.role),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      ...(props.sortKeyPrefixes ? { filters: [onlySortKeys(props.sortKeyPrefixes)] } : {}),
    });
    props.target.lambda.addEventSource(source);
    this.mapping = { id: source.eventSourceMappingId, arn: source.eventSourceMappingArn };
  }

  /** Records given up in each five minutes: stored in the bucket, or dropped because even that failed. */
  metricGivenUp(): MathExpression {
    const count = (metricName: string) =>
      sum(
        new Metric({
          namespace: 'AWS/Lambda',
          metricName,
          dimensionsMap: { EventSourceMappingUUID: this.mapping.id },
        }),
      );
    return total('Records given up', [
      count('OnFailureDestinationDeliveredEventCount'),
      count('DroppedEventCount'),
    ]);
  }
}

const onlySortKeys = (prefixes: string[]) =>
  FilterCriteria.filter({
    dynamodb: { Keys: { sk: { S: prefixes.flatMap((prefix) => FilterRule.beginsWith(prefix)) } } },
  });
