import { AWS_DRILLS } from './aws-drills.ts';
import { FEISHU_DRILLS } from './feishu-drills.ts';

export const DRILLS = [...FEISHU_DRILLS, ...AWS_DRILLS];

/** Alarms without a drill, and why. Their metrics come from AWS alone: whatever a drill put in would be invented. */
export const NOT_DRILLED: Readonly<Record<string, string>> = {
  OldHints: 'SQS measures the age of messages; the emulator does not',
  IssueStreamGaveUp: 'Lambda counts the records that it gives up after six hours',
  ApprovalStreamGaveUp: 'Lambda counts the records that it gives up after six hours',
  FunctionsThrottled: 'Lambda counts the invocations that it refuses',
};
