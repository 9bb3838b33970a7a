import { toCard } from '../../infra/local/simulators/feishu/inbox.ts';
import type { Instance } from '../../infra/local/simulators/feishu/world.ts';
import type { IssueRecord, Stage, TaskStatus } from '../../shared/issue/record.ts';
import { type Locale, type ReadCard, Unreadable } from '../card-reader/card.ts';
import { compareRun } from '../card-reader/compare.ts';
import { contentHashOf, hashOfTask } from '../card-reader/hashes.ts';
import { readCard } from '../card-reader/read-card.ts';
import { violated } from './violation.ts';
import type { World } from './world.ts';

/** Cards as people read them: what stands on a card, and nothing that the product knows of it. */

const LOCALES: readonly Locale[] = ['zh-CN', 'en-US'];
/** What a card shows never changes. */
const known = new WeakMap<Instance, ReadCard[]>();

/** What readers of each language read on a card. */
export function readingsOf(world: World, instance: Instance): ReadCard[] {
  const read = known.get(instance) ?? readAnew(world, instance);
  known.set(instance, read);
  return read;
}

function readAnew(world: World, instance: Instance): ReadCard[] {
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

/** Whether a card says at its beginning, in each language, that not everything stands whole on it. */
export const saysThatItIsCut = (world: World, instance: Instance): boolean =>
  readingsOf(world, instance).every(({ warnings }) => Object.keys(warnings).length > 0);

/** The status that a card shows of each task, by position; undefined for one that it does not list. */
export function statusesOn(world: World, instance: Instance, { tasks }: Stage): (TaskStatus | undefined)[] {
  const [first, ...others] = readingsOf(world, instance).map(({ tasks: read }) =>
    tasks.map((_, index) => read[index]?.status),
  );
  const shown = first ?? [];
  if (others.some((other) => other.some((status, index) => status !== shown[index])))
    throw violated('a card says the same in each language', instance.instanceCode);
  return shown;
}

/**
 * How a card differs from what a stage has now, for what an approval needs: the same content, and of each task where it
 * runs and its SQL, whole or in a part that the card says to be one. Status and titles are not compared.
 */
export function differencesOf(world: World, instance: Instance, issue: IssueRecord, stage: Stage): string[] {
  return readingsOf(world, instance).flatMap((card) => {
    const isCut = card.tasks.some(({ sql }) => sql.kind !== 'TEXT' || sql.cut !== undefined);
    const hasSql = stage.tasks.some(({ statement, sheet }) => sheet || statement);
    return [
      ...(card.issue.id.raw === issue.issueId ? [] : ['another issue']),
      ...(card.contentSha256 === contentHashOf(issue, stage) ? [] : ['another content hash']),
      ...(card.taskCount === stage.tasks.length ? [] : ['another number of tasks']),
      ...(isCut && hasSql && !card.warnings.incomplete ? ['a cut without a word'] : []),
      ...card.tasks.flatMap((read, index) => {
        const task = stage.tasks[index];
        return task ? compareRun(read, task) : ['a task too many'];
      }),
    ];
  });
}

export { hashOfTask as hashOf };
