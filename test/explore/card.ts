import type { InstanceRequest } from '../../shared/feishu/gateway.ts';
import { type Stage, TASK_STATUSES, type TaskStatus } from '../../shared/issue/record.ts';
import { EN_US } from '../card-reader/words-en-us.ts';

/** What a person reads on a card. It is found with the words of the card reader, without the product's form code. */
export interface Card {
  readonly stage: string;
  /** In the order of the card. */
  readonly tasks: readonly { readonly status: TaskStatus | undefined; readonly sql: string | undefined }[];
}

/** Reads the English texts of a card of this world: two tasks for each stage, each with one line of SQL. */
export function readCard({ i18nResources }: Pick<InstanceRequest, 'i18nResources'>): Card {
  const { texts = [] } = i18nResources.find(({ locale }) => locale === 'en-US') ?? {};
  const lines = texts.flatMap(({ value }) => value.split('\n'));
  const stage = lines.find((line) => line.startsWith('Stage ')) ?? '';
  const all = lines.map((line) => /^▌2 tasks[;；] ?([^;:：；]+)$/.exec(line)?.[1]).find(Boolean);
  const statuses = [statusOf(all), statusOf(all)];
  const sqls: (string | undefined)[] = [undefined, undefined];
  let listed: number[] = [];
  let quoted: number[] = [];
  for (const line of lines) {
    if (line.startsWith('▌')) {
      listed = positionsIn(/^▌([\d–, ]+)\. /.exec(line)?.[1]);
      quoted = positionsIn(/^▌(?:Tasks? ([\d–, ]+)|All tasks)\b/.exec(line)?.[1]);
      continue;
    }
    const status = statusOf(line);
    if (status) for (const position of listed) statuses[position - 1] = status;
    for (const position of line === '' ? [] : quoted) sqls[position - 1] = line;
    if (line !== '') quoted = [];
  }
  return { stage, tasks: sqls.map((sql, at) => ({ status: statuses[at], sql })) };
}

const statusOf = (text: string | undefined): TaskStatus | undefined =>
  TASK_STATUSES.find((status) => text === EN_US.words.statuses[status]);

/** Returns the positions in `1, 2` or `1–2`. */
const positionsIn = (text: string | undefined): number[] =>
  (text ?? '').split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('–').map(Number);
    return from === 0 ? [] : Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });

/** Returns whether the stage has other SQL than the card, or a task asks that the card shows with another status. */
export const asksForMore = (card: Card | undefined, stage: Stage | undefined): boolean =>
  !card ||
  !stage ||
  stage.tasks.some(
    ({ statement, status }, at) =>
      card.tasks[at]?.sql !== statement ||
      (status === 'PENDING_APPROVAL' && card.tasks[at]?.status !== 'PENDING_APPROVAL'),
  );
