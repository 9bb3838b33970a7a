import { toCard } from '../../infra/local/feishu-simulator/inbox.ts';
import type { Instance } from '../../infra/local/feishu-simulator/world.ts';
import { type Stage, TASK_STATUSES, type TaskStatus } from '../../shared/issue/record.ts';
import type { World } from './world.ts';

/** How the card words each status, in words of its own and not in the product's. */
const WORDS: Record<TaskStatus, string> = {
  PENDING_APPROVAL: 'pending approval',
  PENDING: 'ready to run',
  RUNNING: 'running',
  DONE: 'done',
  FAILED: 'failed',
  CANCELED: 'canceled',
  SKIPPED: 'skipped',
};

/**
 * Returns the status that a card shows to an English reader of each task, by position; undefined for one that it does not list. All
 * tasks alike stand in the first line of the list, others each below their position.
 */
export function statusesOn(world: World, instance: Instance, stage: Stage): (TaskStatus | undefined)[] {
  const lines = toCard(world.tenant.world, instance)
    .form.map(({ value }) => value['en-US'].replaceAll('；', ';').replaceAll('、', ','))
    .join('\n')
    .split('\n');
  const all = lines.map((line) => /^▌.*\b\d+ tasks?; ?([^;:：]+)(?:;|$)/.exec(line)?.[1]).find(isStatus);
  const shown = stage.tasks.map(() => statusOf(all));
  let positions: number[] = [];
  for (const line of lines) {
    const heading = /^▌([\d–, ]+)\. /.exec(line)?.[1];
    if (heading) positions = expand(heading);
    else if (line.startsWith('▌')) positions = [];
    const status = statusOf(line.split(';')[0]);
    if (status) for (const position of positions) shown[position - 1] = status;
  }
  return shown;
}

const isStatus = (text: string | undefined): boolean => statusOf(text) !== undefined;

const statusOf = (text: string | undefined): TaskStatus | undefined =>
  TASK_STATUSES.find((status) => text === WORDS[status] || text?.endsWith(` ${WORDS[status]}`));

/** `1, 3–5` */
const expand = (positions: string): number[] =>
  positions.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('–').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
