import { withAssignee } from '../../infra/local/frabit/frabit.ts';
import type { Drill } from './drill.ts';
import type { DrillStack } from './drill-stack.ts';
import { approveAtOa, approveCard, writeForStranger, writeIssue, writeOaIssue, writeSent } from './people.ts';

/** Drills in which Feishu, the OA, or what was set up there fails. */

/** One card has been sent, and one step was asked at the OA: every kind of call was made. */
async function prepareOneOfEach(stack: DrillStack): Promise<void> {
  await writeIssue(stack);
  await writeOaIssue(stack);
  await stack.settle();
}

/** A new issue every four minutes. */
async function writeNowAndThen(stack: DrillStack, minute: number): Promise<void> {
  if (minute % 4 === 0) await writeIssue(stack);
}

async function approveAll(stack: DrillStack): Promise<void> {
  for (const { issueId } of await stack.frabit.list()) await approveCard(stack, issueId);
}

export const FEISHU_DRILLS: readonly Drill[] = [
  {
    alarm: 'FeishuRefusesSetup',
    fault: 'The app is disabled in Feishu, and an issue arrives',
    prepare: prepareOneOfEach,
    async begin(stack) {
      stack.feishu.control.setAppEnabled(false);
      await writeIssue(stack);
    },
    end: ({ feishu }) => feishu.control.setAppEnabled(true),
    ringsWithin: 5,
    endsWithin: 60,
  },
  {
    alarm: 'FeishuOutOfReach',
    fault: 'Feishu resets every connection, and issues arrive',
    prepare: prepareOneOfEach,
    begin: ({ feishu }) => feishu.control.misbehave({ kind: 'RESET_BEFORE' }),
    during: writeNowAndThen,
    end: ({ feishu }) => feishu.control.clearFaults('calls'),
    ringsWithin: 15,
    endsWithin: 60,
  },
  {
    alarm: 'OldestUnsent',
    fault: 'Feishu answers each create with 502',
    prepare: prepareOneOfEach,
    async begin(stack) {
      stack.feishu.control.misbehave({ kind: 'BAD_GATEWAY', endpoint: 'createInstance' });
      await writeIssue(stack);
    },
    end: ({ feishu }) => feishu.control.clearFaults('calls'),
    ringsWithin: 15,
    endsWithin: 60,
  },
  {
    alarm: 'EventsMissing',
    fault: 'Feishu loses all events, and two cards are approved',
    prepare: async (stack) => void (await writeSent(stack, 2)),
    async begin(stack) {
      stack.feishu.control.misbehave({ kind: 'LOSE' });
      await approveAll(stack);
    },
    end: ({ feishu }) => feishu.control.clearFaults('events'),
    ringsWithin: 60,
    // One period is a day, and CloudWatch looks at two more.
    endsWithin: 4 * 24 * 60,
    recoveryStep: 60,
  },
  {
    alarm: 'WebhookRefused',
    fault: 'The Encrypt Key is changed in the console and not saved here, and a card is approved',
    prepare: async (stack) => void (await writeSent(stack, 1)),
    async begin(stack) {
      stack.feishu.control.rotate({ encryptKey: true });
      await approveAll(stack);
    },
    end: (stack) => stack.saveKeys(),
    ringsWithin: 10,
    endsWithin: 90,
    recoveryStep: 4,
  },
  {
    alarm: 'ApprovalsFailed',
    fault: 'Feishu does not know the assignee',
    prepare: prepareOneOfEach,
    begin: async (stack) => void (await writeForStranger(stack)),
    async end(stack) {
      for (const { issueId, assignee } of await stack.frabit.list())
        if (assignee?.email.endsWith('.org'))
          await stack.frabit.change(issueId, (issue) => withAssignee(issue, 'dba@example.com'));
    },
    ringsWithin: 5,
    endsWithin: 30,
  },
  {
    alarm: 'DecisionsLate',
    fault: 'The worker does not run for three minutes after a card was approved',
    prepare: async (stack) => void (await writeSent(stack, 1)),
    async begin(stack) {
      switchWorker(stack, false);
      await approveAll(stack);
    },
    async during(stack, minute) {
      if (minute === 3) switchWorker(stack, true);
    },
    end: (stack) => switchWorker(stack, true),
    ringsWithin: 10,
    endsWithin: 30,
  },
  {
    alarm: 'OaOutOfReach',
    fault: 'The OA answers 503, and a step waits for it',
    async prepare(stack) {
      const issueId = await writeOaIssue(stack);
      await stack.settle();
      await approveAtOa(stack, issueId);
      await stack.settle();
    },
    async begin(stack) {
      stack.oa.control.misbehave({ kind: 'STATUS', status: 503 });
      await writeOaIssue(stack);
    },
    end: ({ oa }) => oa.control.behave(),
    ringsWithin: 30,
    endsWithin: 90,
  },
];

function switchWorker({ mappings }: DrillStack, isOn: boolean): void {
  for (const mapping of mappings) if (mapping.functionName === 'reconcile-issues') mapping.isOn = isOn;
}
