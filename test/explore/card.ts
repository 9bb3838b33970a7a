import type { InstanceRequest } from '../../shared/feishu/gateway.ts';
import { TASK_STATUSES, type TaskStatus } from '../../shared/issue/record.ts';
import { EN_US } from '../card-reader/words-en-us.ts';

/** What a person reads on a card, in the words of the independent reader: nothing of the product's form is used. */
export interface Card {
  readonly stage: string;
  /** By position. */
  readonly tasks: readonly { readonly status: TaskStatus | undefined; readonly sql: string | undefined }[];
}

/** Reads the English texts of a card of this world: two tasks a stage, each with one line of SQL. */
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

/** `1, 2` or `1–2` */
const positionsIn = (text: string | undefined): number[] =>
  (text ?? '').split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('–').map(Number);
    return from === 0 ? [] : Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
