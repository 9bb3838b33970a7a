/**
 * The widgets of the form, in the order in which the approver sees them: what is asked and why, what changed, what is
 * not shown, the long lists, and the content hash. A new widget needs a new DEFINITION_VERSION. An instance leaves out
 * widgets without a value (docs/feishu.md 3.3).
 */

/** Fields that appear at most once. */
export const FIELDS = [
  'issue',
  'stage',
  'environment',
  'reason',
  'changes',
  'left_out',
  'link',
  'requester',
  'project',
  'content_hash',
] as const;
export type Field = (typeof FIELDS)[number];

/**
 * Lists that use several widgets. Feishu documents no limit for the length of one (docs/feishu.md 3.4), so each is kept
 * short.
 */
export const LISTS = ['tasks', 'sql'] as const;
export type List = (typeof LISTS)[number];
export const PAGES = { tasks: 4, sql: 12 } as const satisfies Record<List, number>;

/** What stands between the sections of a list on one page. */
export const SEPARATORS = { tasks: '\n', sql: '\n\n' } as const satisfies Record<List, string>;

export interface Widget {
  /** Unique in the definition. Also the key of its value in an instance. */
  id: string;
  type: 'input' | 'textarea';
  /** What it contains. `page` counts from 1. */
  holds: { field: Field } | { list: List; page: number };
}

const field = (name: Field, type: Widget['type']): Widget => ({ id: name, type, holds: { field: name } });
const pages = (list: List): Widget[] =>
  Array.from({ length: PAGES[list] }, (_, index) => ({
    id: widgetOfPage(list, index + 1),
    type: 'textarea',
    holds: { list, page: index + 1 },
  }));

/** Returns the id of a page of a list: `sql`, `sql_2`, … */
export function widgetOfPage(list: List, page: number): string {
  return page === 1 ? list : `${list}_${page}`;
}

export const WIDGETS: readonly Widget[] = [
  field('issue', 'textarea'),
  field('stage', 'textarea'),
  field('environment', 'input'),
  field('reason', 'textarea'),
  field('changes', 'textarea'),
  field('left_out', 'textarea'),
  field('link', 'textarea'),
  field('requester', 'textarea'),
  field('project', 'input'),
  ...pages('tasks'),
  ...pages('sql'),
  field('content_hash', 'textarea'),
];
