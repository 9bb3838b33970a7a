import { toCard } from '../../infra/local/simulators/feishu/inbox.ts';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import type { IssueRecord, Stage, TaskStatus } from '../../shared/issue/record.ts';
import { type Locale, type ReadCard, Unreadable } from '../card-reader/card.ts';
import { compareRun } from '../card-reader/compare.ts';
import { contentHashOf, hashOfTask } from '../card-reader/hashes.ts';
import { readCard } from '../card-reader/read-card.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Reads cards as people do: only from what a card shows, not from the product's data. */

const LOCALES: readonly Locale[] = ['zh-CN', 'en-US'];
/** Cards that were read before. What a card shows never changes. */
const readBefore = new WeakMap<Instance, ReadCard[]>();

/** Returns what a card shows in each language. */
export function readingsOf(world: World, instance: Instance): ReadCard[] {
  const read = readBefore.get(instance) ?? readInEachLanguage(world, instance);
  readBefore.set(instance, read);
  return read;
}

function readInEachLanguage(world: World, instance: Instance): ReadCard[] {
  const { title, form } = toCard(world.tenant.world, instance);
  return LOCALES.map((locale) => {
    const fields = form.map(({ name, value }) => ({ label: name[locale], value: value[locale] }));
    try {
      return readCard({ title: title[locale], fields }, locale);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      throw violated('a person can read every card', `${locale}: ${error.message}`);
    }
  });
}

/** Whether a card warns at its top, in each language, that it does not show everything whole. */
export const hasCutWarning = (world: World, instance: Instance): boolean =>
  readingsOf(world, instance).every(({ warnings }) => Object.keys(warnings).length > 0);

/** The status that a card shows for each task, by position; undefined if the card does not list the task. */
export function statusesOn(world: World, instance: Instance, { tasks }: Stage): (TaskStatus | undefined)[] {
  const [first, ...others] = readingsOf(world, instance).map(({ tasks: read }) =>
    tasks.map((_, index) => read[index]?.status),
  );
  const shown = first ?? [];
  if (others.some((other) => other.some((status, index) => status !== shown[index])))
    throw violated('a card shows the same statuses in each language', instance.instanceCode);
  return shown;
}

/**
 * How a card differs from a stage, as far as an approval depends on it: the content, and of each task its SQL and where
 * it runs. SQL may be cut if the card says so. Does not compare statuses and titles.
 */
export function differencesOf(world: World, instance: Instance, issue: IssueRecord, stage: Stage): string[] {
  return readingsOf(world, instance).flatMap((card) => {
    const isCut = card.tasks.some(({ sql }) => sql.kind !== 'TEXT' || sql.cut !== undefined);
    const hasSql = stage.tasks.some(({ statement, sheet }) => sheet || statement);
    return [
      ...(card.issue.id.raw === issue.issueId ? [] : ['another issue']),
      ...(card.contentSha256 === contentHashOf(issue, stage) ? [] : ['another content hash']),
      ...(card.taskCount === stage.tasks.length ? [] : ['another number of tasks']),
      ...(isCut && hasSql && !card.warnings.incomplete ? ['cut SQL without a warning'] : []),
      ...card.tasks.flatMap((read, index) => {
        const task = stage.tasks[index];
        return task ? compareRun(read, task) : ['too many tasks'];
      }),
    ];
  });
}

export { hashOfTask as hashOf };
