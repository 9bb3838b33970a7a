import {
  ASSIGNEE,
  type Issue,
  withAssignee,
  withBell,
  withClosed,
  withStatement,
} from '../../infra/local/frabit/frabit.ts';
import { declareStatement } from '../support/secrets.ts';
import { evaluateAll } from './drill.ts';
import type { DrillStack } from './drill-stack.ts';
import { MINUTE_MS } from './metrics-store.ts';
import {
  approveAtOa,
  approveCard,
  rejectCard,
  runStage,
  writeIssue,
  writeOaIssue,
  writeSent,
} from './people.ts';
import { STACK_NAME, templateAlarms } from './template-alarms.ts';

/** Times at which no alarm may ring. */

export interface QuietResult {
  /** The alarms that rang, each with the minute since the beginning. */
  rang: { alarm: string; minute: number }[];
  /** How many approvals were sent. */
  sent: number;
}

const HOUR = 60;

/**
 * Two days with five open cards and a step that an OA has not decided. The sweep runs every five minutes instead of
 * each minute: it finds the same, and each period of five minutes has a run. Alarms are evaluated each minute.
 */
export function quietWeekend(stack: DrillStack): Promise<QuietResult> {
  return watch(stack, 48 * HOUR, 5, async (minute) => {
    if (minute !== 0) return;
    await writeSent(stack, 5);
    await writeOaIssue(stack);
  });
}

const OTHER = 'lead@example.com';
const change = (issueId: string, stack: DrillStack, next: (issue: Issue) => Issue) =>
  stack.frabit.change(issueId, next);

/** What happens to an issue on a busy day, by the minutes since it was written. */
type Story = Readonly<Record<number, (stack: DrillStack, issueId: string) => Promise<unknown>>>;

const edit = async (stack: DrillStack, issueId: string): Promise<void> => {
  const statement = 'UPDATE customers SET loyalty_points = loyalty_points + 10';
  declareStatement(statement);
  await change(issueId, stack, (issue) => withStatement(issue, 'backfill', statement));
};

const close: Story[number] = (stack, issueId) => change(issueId, stack, withClosed);

/** Each ends closed, so that the sweep of the evening has not all issues of the day to look at. */
const STORIES: readonly { step?: boolean; story: Story }[] = [
  // All three stages, one after the other.
  { story: { 6: approveCard, 8: runStage, 14: approveCard, 16: runStage, 30: approveCard, 32: runStage } },
  { story: { 10: rejectCard, 20: edit, 26: approveCard, 30: runStage, 40: close } },
  { story: { 4: edit, 12: approveCard, 14: runStage, 26: close } },
  { story: { 8: close } },
  { step: true, story: { 10: approveAtOa, 20: approveCard, 22: runStage, 32: close } },
  {
    // Reassigned and back, the bell, and a decision after a reminder.
    story: {
      6: (stack, issueId) => change(issueId, stack, (issue) => withAssignee(issue, OTHER)),
      12: (stack, issueId) => change(issueId, stack, (issue) => withAssignee(issue, ASSIGNEE.email)),
      24: (stack, issueId) => change(issueId, stack, (issue) => withBell(issue, new Date(stack.now()))),
      160: approveCard,
      170: close,
    },
  },
];

const ISSUES = 60;
/** A new issue every six minutes: the last one comes after six hours. */
const EVERY_MINUTES = 6;
const STEP_MINUTES = 2;

/** An undisturbed day of nine hours: 60 issues with decisions, withdrawals, changes, rings, reminders and OA steps. */
export function busyDay(stack: DrillStack): Promise<QuietResult> {
  const running: { at: number; issueId: string; story: Story }[] = [];
  return watch(stack, 9 * HOUR, STEP_MINUTES, async (minute) => {
    if (minute % EVERY_MINUTES === 0 && running.length < ISSUES) {
      const { step, story } = STORIES[running.length % STORIES.length] ?? { story: {} };
      const issueId = await (step ? writeOaIssue(stack) : writeIssue(stack));
      running.push({ at: minute, issueId, story });
    }
    for (const { at, issueId, story } of running) await story[minute - at]?.(stack, issueId);
  });
}

/** Plays on a fresh stack. `act` is called before each step with the minute since the beginning. */
async function watch(
  stack: DrillStack,
  minutes: number,
  step: number,
  act: (minute: number) => Promise<void>,
): Promise<QuietResult> {
  await stack.startAfresh();
  const alarms = templateAlarms();
  const began = stack.now();
  const rang: QuietResult['rang'] = [];
  for (let minute = 0; minute < minutes; minute += step) {
    await act(minute);
    await stack.pass(step);
    for (let passed = 1; passed <= step; passed++) {
      const at = began + (minute + passed) * MINUTE_MS;
      for (const alarm of evaluateAll(alarms, stack.store, at)) rang.push({ alarm, minute: minute + passed });
    }
  }
  const sent = {
    namespace: 'FrabitImApproval',
    name: 'ApprovalSent',
    dimensions: { service: STACK_NAME },
  };
  return { rang, sent: stack.store.read(sent, 'Sum', began, stack.now()) ?? 0 };
}
