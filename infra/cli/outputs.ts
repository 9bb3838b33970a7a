import * as z from 'zod';
import { outOfReach } from './problem.ts';

const name = z.string().min(1).optional();

/** The stack's outputs, as far as the command line needs them (CONTRACT section 6). */
export const outputsSchema = z.object({
  IssueTableName: name,
  ApprovalTableName: name,
  FeishuWebhookUrl: name,
  SettingsUrl: name,
  WorkQueueUrl: name,
  DeadLetterQueueUrl: name,
  /** Stacks of before it was an output have a bucket that the command line does not know. */
  FailedRecordsBucketName: name,
});
export type Outputs = z.infer<typeof outputsSchema>;

/** A CommandProblem when the stack has none. */
export function outputOf(where: string, outputs: Outputs, key: keyof Outputs): string {
  const value = outputs[key];
  if (value !== undefined) return value;
  throw outOfReach(
    'NOT_OUR_STACK',
    `${where} has no output ${key}: name the stack of this product with --stack, or deploy its present version.`,
  );
}
