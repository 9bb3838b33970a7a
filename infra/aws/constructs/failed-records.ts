import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IEventSourceDlq } from 'aws-cdk-lib/aws-lambda';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeOnPolicy, logicalIdOf } from './acknowledge-nag-findings.ts';
import { allow } from './product-function.ts';

/**
 * The bucket for stream records that a function failed on until its retries were used up. It holds whole records, also
 * their SQL: private, encrypted, and deleted after thirty days.
 */
export class FailedRecords extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: { retain: boolean }) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        { expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: props.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(
      this.bucket,
      'AwsSolutions-S1',
      'Only Lambda and the two stream functions write here, only when a stream record was given up or set aside, and an alarm reports each: an access log would need a second bucket and add nothing.',
    );
  }

  /**
   * Returns the bucket as on-failure destination for a function with this role. Grants only what Lambda needs: the CDK's
   * S3OnFailureDestination also grants reading, deleting and tagging.
   */
  destinationFor(role: IRole): IEventSourceDlq {
    allow(role, ['s3:PutObject'], this.bucket.arnForObjects('aws/lambda/*'));
    allow(role, ['s3:ListBucket'], this.bucket.bucketArn);
    acknowledgeOnPolicy(
      role,
      `AwsSolutions-IAM5[Resource::<${logicalIdOf(this.bucket)}.Arn>/aws/lambda/*]`,
      'Lambda itself names the objects of failed batches, all below this prefix.',
    );
    return { bind: () => ({ destination: this.bucket.bucketArn }) };
  }
}
