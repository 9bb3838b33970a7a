import { type CommandResult, type Context, counted, oneLine } from '../context.ts';
import {
  countMessages,
  type DeadMessage,
  type DeadQueue,
  isHint,
  receiveAll,
  redriveMessage,
  release,
} from '../dead-letter-queue.ts';
import type { Deployment } from '../deployment.ts';
import { toProblem } from '../error-to-problem.ts';
import { type FailedPlace, listKeys, readFailed, redriveFailed } from '../failed-records.ts';
import { badInput, canceled } from '../problem.ts';
import { failedPlace, printDeadLetters, readDeadLetters } from './dead-letters-list.ts';

export interface RedriveFlags {
  dryRun: boolean;
  yes: boolean;
}

/** `item`: a message id or a key; `why`: a text without any part of a record. */
interface Failure {
  item: string;
  why: string;
}

interface Redriven {
  redriven: number;
  failures: Failure[];
}

/** `frabit-im dead-letters redrive`: deletes what succeeds; what fails stays. */
export async function redriveDeadLetters(context: Context, flags: RedriveFlags): Promise<CommandResult> {
  const { ask, print } = context;
  if (!ask && !flags.yes && !flags.dryRun) {
    throw badInput('Without a terminal, redrive needs --yes.');
  }
  const deployment = await context.deployment();
  const place = failedPlace(deployment);
  if (flags.dryRun) {
    const found = await readDeadLetters(context, deployment);
    print('Would be tried again:');
    printDeadLetters(context, found);
    return { document: { dryRun: true, ...found } };
  }
  const queue = { sqs: deployment.sqs, queueUrl: deployment.output('DeadLetterQueueUrl') };
  const workQueueUrl = deployment.output('WorkQueueUrl');
  // Before any change: a missing permission must not show up half way.
  const [hints, keys] = await Promise.all([countMessages(queue), place ? listKeys(place) : []]);
  if (ask && !flags.yes) {
    const what = `${counted(hints, 'hint')} and ${counted(keys.length, 'batch', 'batches')} of records`;
    if (!(await ask.confirm(`Try about ${what} again at ${deployment.where}?`))) throw canceled();
  }

  const messages = await redriveMessages(context, queue, workQueueUrl);
  const records = place ? await redriveRecords(context, deployment, place, keys) : undefined;
  print(`${counted(messages.redriven, 'hint')} sent back to the work queue.`);
  print(
    records
      ? `${counted(records.redriven, 'batch', 'batches')} of records processed by their function.`
      : 'This stack has no output for its bucket of failed records: deploy the current version to redrive them.',
  );
  const failures = [...messages.failures, ...(records?.failures ?? [])];
  for (const { item, why } of failures) print(`✖ ${oneLine(item)}: ${oneLine(why)}`);
  return {
    document: { messages, ...(records && { failedRecords: records }) },
    problem:
      failures.length > 0
        ? {
            code: 'NOT_ALL_REDRIVEN',
            message: `${counted(failures.length, 'item')} could not be redriven and ${failures.length === 1 ? 'stays' : 'stay'}: fix the cause, then run it again.`,
          }
        : undefined,
  };
}

async function redriveMessages(context: Context, queue: DeadQueue, workQueueUrl: string): Promise<Redriven> {
  const done: Redriven = { redriven: 0, failures: [] };
  const kept: DeadMessage[] = [];
  const progress = context.progress('Sending hints back');
  try {
    for await (const batch of receiveAll(queue)) {
      for (const message of batch) {
        if (!isHint(message)) {
          kept.push(message);
          done.failures.push({ item: message.MessageId, why: 'it is not a hint: it would only come back' });
          continue;
        }
        try {
          await redriveMessage(queue, workQueueUrl, message, `redrive-${context.io.newId()}`);
          done.redriven += 1;
        } catch (error) {
          kept.push(message);
          done.failures.push({ item: message.MessageId, why: toProblem(error).message });
        }
      }
      progress.update(`${counted(done.redriven, 'hint')} sent back`);
    }
  } catch (error) {
    // Report the messages that were sent back before the error.
    done.failures.push({ item: 'the dead-letter queue', why: toProblem(error).message });
  } finally {
    await release(queue, kept);
    progress.stop();
  }
  return done;
}

async function redriveRecords(
  context: Context,
  { lambda }: Deployment,
  place: FailedPlace,
  keys: readonly string[],
): Promise<Redriven> {
  const done: Redriven = { redriven: 0, failures: [] };
  const progress = context.progress('Invoking functions again with their records');
  try {
    for (const key of keys) {
      const why = await redriveObject(place, lambda, key);
      if (why === undefined) done.redriven += 1;
      else done.failures.push({ item: key, why });
      progress.update(`${counted(done.redriven, 'batch', 'batches')} processed`);
    }
  } finally {
    progress.stop();
  }
  return done;
}

async function redriveObject(
  place: FailedPlace,
  lambda: Deployment['lambda'],
  key: string,
): Promise<string | undefined> {
  try {
    const object = await readFailed(place, key);
    // Already gone: another redrive is running, too.
    if (!object) return undefined;
    if ('unreadable' in object) return 'it is not the record of a failed invocation';
    return await redriveFailed(place, lambda, object);
  } catch (error) {
    return toProblem(error).message;
  }
}
