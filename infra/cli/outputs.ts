import * as z from 'zod';
import { outOfReach } from './problem.ts';

const name = z.string().min(1).optional();

/** The outputs of the stack that the command line needs (docs/contract.md 6). */
export const outputsSchema = z.object({
  IssueTableName: name,
  ApprovalTableName: name,
  FeishuWebhookUrl: name,
  SettingsUrl: name,
  WorkQueueUrl: name,
  DeadLetterQueueUrl: name,
  /** Absent for stacks of earlier versions, which have the bucket but not this output. */
  FailedRecordsBucketName: name,
  /** The log groups of the functions, separated by commas. Absent for stacks of earlier versions. */
  LogGroupNames: name,
});
export type Outputs = z.infer<typeof outputsSchema>;

/** Returns an output, or throws a CommandProblem if the stack has none with this name. */
export function outputOf(where: string, outputs: Outputs, key: keyof Outputs): string {
  const value = outputs[key];
  if (value !== undefined) return value;
  throw outOfReach(
    'NOT_OUR_STACK',
    `${where} has no output ${key}: set the stack of this product with --stack, or deploy the current version.`,
  );
}
