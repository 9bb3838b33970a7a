import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { StackOptions } from '../context.ts';
import type { FailedRecords } from './failed-records.ts';
import type { Tables } from './tables.ts';
import type { WorkQueue } from './work-queue.ts';

/** What the functions are made with. */
export interface FunctionsProps {
  tables: Tables;
  workQueue: WorkQueue;
  failedRecords: FailedRecords;
  feishuSecret: ISecret;
  externalNodesSecret: ISecret;
  options: StackOptions;
}

export const feishuBaseUrl = ({ options }: Pick<FunctionsProps, 'options'>): Record<string, string> =>
  options.feishuBaseUrl === undefined ? {} : { FEISHU_BASE_URL: options.feishuBaseUrl };
