import type { IssueRecord, Task } from '../../shared/issue/record.ts';
import type { Core } from './core.ts';
import { anIssue, aStage, aTask } from './issue.ts';

/** An issue with one stage of many tasks. The SQL of each task is different. */
export function aLargeIssue(tasks: number, changes: Partial<IssueRecord> = {}): IssueRecord {
  const all = Array.from({ length: tasks }, (_, index) => aLargeTask(index + 1));
  return anIssue({ stages: [aStage({ tasks: all })], ...changes });
}

const aLargeTask = (number: number): Task =>
  aTask({
    taskId: `task-${number}`,
    title: `Backfill shard ${number}`,
    database: `shop_${String(number).padStart(3, '0')}`,
    statement: Array.from(
      { length: 10 },
      (_, line) => `UPDATE orders SET shard = ${number} WHERE region = ${line} AND shard IS NULL;`,
    ).join('\n'),
  });

/** Returns the values of the waiting card in one language, by widget id. */
export const valuesOn = (core: Core, language: 'zh-CN' | 'en-US' = 'en-US'): Record<string, string> =>
  Object.fromEntries(core.card().form.map(({ id, value }) => [id, value[language]]));

export const textOn = (core: Core, language: 'zh-CN' | 'en-US' = 'en-US'): string =>
  Object.values(valuesOn(core, language)).join('\n');

export const firstLineOn = (core: Core): string => valuesOn(core).issue?.split('\n')[0] ?? '';
