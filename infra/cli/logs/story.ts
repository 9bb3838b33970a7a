import { isMetric, type LogLine, REQUEST_ID, STORY_IDS, type StoryId, textOf } from './line.ts';

/** The ids of a story, each kind with those of the newest lines first. */
export type StoryIds = Readonly<Record<StoryId, readonly string[]>>;

/** Lines in order of time. `cut`: some of them are missing, the oldest ones. */
export interface FoundLines {
  lines: LogLine[];
  cut: boolean;
}

/** Where the logs of a deployment are searched. Only `metricsOf` returns lines with metrics. */
export interface LogSource {
  /** Finds the lines that name this issue. */
  ofIssue(issueId: string): Promise<FoundLines>;
  /** Finds the lines that name no issue and have one of these ids. */
  withIds(ids: StoryIds): Promise<FoundLines>;
  /** Finds the metrics of these invocations. */
  metricsOf(requestIds: readonly string[]): Promise<FoundLines>;
}

/** What a search of the logs covers. `from` and `to`: epoch milliseconds. */
export interface Search {
  from: number;
  to: number;
}

/**
 * Finds the story of an issue: the lines that name it, and those that name no issue and share an approval, an instance
 * or what set off the work with them, such as the line of the webhook that knows only the instance.
 * `correlation`: only lines with this correlation id, also if they share nothing else with the issue. `metrics`: also
 * the metrics of the invocations that logged these lines.
 */
export async function findStory(
  source: LogSource,
  issueId: string,
  { correlation, metrics = false }: { correlation?: string | undefined; metrics?: boolean } = {},
): Promise<FoundLines> {
  const own = await source.ofIssue(issueId);
  const ids = correlation === undefined ? idsOf(own.lines) : { ...NO_IDS, correlationId: [correlation] };
  const hasIds = STORY_IDS.some((kind) => ids[kind].length > 0);
  const others = hasIds ? await source.withIds(ids) : { lines: [], cut: false };
  const belongs = correlation === undefined ? belongsTo(ids) : () => true;
  const lines = [...own.lines, ...others.lines.filter(belongs)].filter(
    (line) => correlation === undefined || textOf(line, 'correlationId') === correlation,
  );
  const counted = metrics ? await source.metricsOf(valuesOf(lines, REQUEST_ID)) : { lines: [], cut: false };
  return {
    lines: inOrder([...lines, ...counted.lines]),
    cut: own.cut || others.cut || counted.cut,
  };
}

const NO_IDS: StoryIds = { approvalId: [], instanceCode: [], correlationId: [] };

/** Returns the ids on lines in order of time. */
export function idsOf(lines: readonly LogLine[]): StoryIds {
  return {
    approvalId: valuesOf(lines, 'approvalId'),
    instanceCode: valuesOf(lines, 'instanceCode'),
    correlationId: valuesOf(lines, 'correlationId'),
  };
}

/** Returns the distinct values of a member, those of the newest lines first. */
const valuesOf = (lines: readonly LogLine[], member: string): string[] => [
  ...new Set(lines.toReversed().flatMap((line) => textOf(line, member) ?? [])),
];

/** Whether a line has one of these ids. */
function hasOneOf(ids: StoryIds): (line: LogLine) => boolean {
  const sets = STORY_IDS.map((kind) => ({ kind, values: new Set<unknown>(ids[kind]) }));
  return ({ raw }) => sets.some(({ kind, values }) => values.has(raw[kind]));
}

/** Whether a line is what `ofIssue` finds. */
export const namesIssue =
  (issueId: string) =>
  (line: LogLine): boolean =>
    line.raw.issueId === issueId && !isMetric(line);

/** Whether a line is what `withIds` finds. */
export function hasIdsOnly(ids: StoryIds): (line: LogLine) => boolean {
  const isAbout = hasOneOf(ids);
  return (line) => !('issueId' in line.raw) && isAbout(line) && !isMetric(line);
}

/** Whether a line is what `metricsOf` finds. */
export function isMetricOf(requestIds: readonly string[]): (line: LogLine) => boolean {
  const values = new Set<unknown>(requestIds);
  return (line) => values.has(line.raw[REQUEST_ID]) && isMetric(line);
}

/**
 * One run of the sweep is about many issues: a line that shares only the correlation id belongs to the story unless it
 * names an approval or an instance, which is then that of another issue.
 */
function belongsTo(ids: StoryIds): (line: LogLine) => boolean {
  const isOwn = hasOneOf({ ...ids, correlationId: [] });
  return (line) => isOwn(line) || (textOf(line, 'approvalId') ?? textOf(line, 'instanceCode')) === undefined;
}

/** Sorts by time. Lines of the same time keep their order. */
export const inOrder = (lines: readonly LogLine[]): LogLine[] => lines.toSorted((a, b) => a.at - b.at);
