import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';

/** One import: the path of a module from the root, and what it imports: another module or a package. */
export interface Edge {
  from: string;
  to: string;
  /** It imports types only: nothing is left of it when the code runs. */
  isType?: boolean;
}

/** The floors of `shared/`: each folder may import those before it (docs/adr/0020-floors.md). */
const FLOORS = ['runtime', 'issue', 'tables', 'feishu', 'settings', 'external', 'approval', 'setup'];
/** The floors inside `shared/approval/`; the files beside these folders are above them all. */
const APPROVAL_FLOORS = ['registration', 'plan', 'store', 'channels', 'actions'];
/** Pure files of the channels, below the plan: what each channel registers (docs/channels.md). */
const REGISTRATION = /^channels\/(registration|policies|policy|[^/]+\/(policy|sent-request))\.ts$/;

/** What each of these must not reach when the code runs, by whatever way. */
const PURE = /^shared\/(issue|tables|approval\/plan)\//;
const OUTSIDE_WORLD =
  /^(@aws-sdk|@smithy|@aws-lambda-powertools|@larksuiteoapi)\/|^aws-|^node:(fs|http|https|net|dns|child_process)/;

/** What a folder may import of this project. */
const MAY_IMPORT: readonly { from: RegExp; to: (from: string) => RegExp }[] = [
  {
    from: /^functions\/[^/]+\//,
    to: (from) => new RegExp(`^shared/|^${from.split('/').slice(0, 2).join('/')}/`),
  },
  { from: /^shared\//, to: () => /^shared\// },
  {
    from: /^infra\/local\//,
    to: () =>
      /^infra\/local\/|^infra\/(command-problem|exit-codes)\.ts$|^functions\/[^/]+\/handler\.ts$|^shared\/tables\/table-definitions\.ts$/,
  },
  { from: /^infra\/aws\//, to: () => /^infra\/aws\/|^shared\// },
  { from: /^infra\//, to: () => /^(infra|shared)\/|^functions\/[^/]+\/handler\.ts$/ },
];

/** What each group of `infra/local/` may import of the others; '' is the files beside the groups. */
const LOCAL_GROUPS: Readonly<Record<string, readonly string[]>> = {
  '': [],
  aws: [''],
  'simulators/kit': [''],
  'simulators/feishu': ['', 'simulators/kit'],
  'simulators/oa': ['', 'simulators/kit'],
  frabit: ['', 'aws'],
  start: ['', 'aws', 'simulators/kit', 'simulators/feishu', 'simulators/oa', 'frabit'],
  demo: ['', 'simulators/kit', 'simulators/feishu', 'simulators/oa', 'frabit'],
  bench: ['', 'simulators/kit', 'simulators/feishu', 'simulators/oa', 'frabit'],
};

const ofThisProject = (path: string): boolean => /^(functions|infra|shared|test)\//.test(path);

/** Each import that docs/design.md 7.4 forbids, as a sentence. */
export function forbidden(edges: readonly Edge[]): string[] {
  const misplaced = edges
    .filter(({ from, to }) => {
      const rule = MAY_IMPORT.find((one) => one.from.test(from));
      return ofThisProject(to) && rule !== undefined && !rule.to(from).test(to);
    })
    .map(({ from, to }) => `${from} must not import ${to}`);
  const upwards = edges
    .filter(
      ({ from, to }) =>
        isUpwards(from, to, 'shared/', FLOORS) || isUpwards(from, to, 'shared/approval/', APPROVAL_FLOORS),
    )
    .map(({ from, to }) => `${from} must not import ${to}, which is on a higher floor`);
  const besideGroup = edges
    .filter(({ from, to }) => isOutsideGroup(from, to))
    .map(({ from, to }) => `${from} must not import ${to}, of another group`);
  return [...misplaced, ...upwards, ...besideGroup, ...impure(edges)];
}

function isOutsideGroup(from: string, to: string): boolean {
  if (!from.startsWith('infra/local/') || !to.startsWith('infra/local/')) return false;
  const [importing, imported] = [localGroupOf(from), localGroupOf(to)];
  return importing !== imported && !LOCAL_GROUPS[importing]?.includes(imported);
}

const localGroupOf = (path: string): string =>
  /^infra\/local\/(simulators\/[^/]+|[^/]+)\//.exec(path)?.[1] ?? '';

function isUpwards(from: string, to: string, below: string, floors: readonly string[]): boolean {
  if (!from.startsWith(below) || !to.startsWith(below)) return false;
  return floorOf(from.slice(below.length), floors) < floorOf(to.slice(below.length), floors);
}

function floorOf(path: string, floors: readonly string[]): number {
  const floor = floors.indexOf(REGISTRATION.test(path) ? 'registration' : (path.split('/')[0] ?? ''));
  return floor < 0 ? floors.length : floor;
}

/** Returns what pure modules import, directly or through others. */
function impure(edges: readonly Edge[]): string[] {
  const found = new Set<string>();
  const running = Map.groupBy(
    edges.filter(({ isType }) => !isType),
    ({ from }) => from,
  );
  for (const start of [...running.keys()].filter((from) => PURE.test(from))) {
    const seen = new Set([start]);
    for (const module of seen) {
      for (const { to } of running.get(module) ?? []) {
        if (OUTSIDE_WORLD.test(to)) {
          const way = module === start ? '' : `, by way of ${module}`;
          found.add(`${start} must not reach ${to}${way}`);
        } else seen.add(to);
      }
    }
  }
  return [...found];
}

/** Returns each circle of files that import each other, types included, as a list of its files. */
export function circles(edges: readonly Edge[]): string[][] {
  const byFile = Map.groupBy(edges, ({ from }) => from);
  const reaches = (start: string): Set<string> => {
    const seen = new Set<string>();
    const waiting = [start];
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      for (const { to } of byFile.get(file) ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        waiting.push(to);
      }
    }
    return seen;
  };
  const reached = new Map([...byFile.keys()].map((file) => [file, reaches(file)] as const));
  const inCircle = [...reached].filter(([file, files]) => files.has(file)).map(([file]) => file);
  const groups = Map.groupBy(inCircle, (file) =>
    inCircle
      .filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file))
      .toSorted()
      .join(' '),
  );
  return [...groups.keys()].map((group) => group.split(' '));
}

/** Returns every import of the product and of `infra`, those of types alone included. */
export function readEdges(root: string): Edge[] {
  return globSync('{functions,shared,infra}/**/*.ts', { cwd: root }).flatMap((from) =>
    importsOf(from, readFileSync(posix.join(root, from), 'utf8')),
  );
}

/** Returns the imports of a file with this source. */
export function importsOf(from: string, source: string): Edge[] {
  const { module } = parseSync(from, source);
  const named = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      to: moduleRequest.value,
      isType: entries.length > 0 && entries.every(({ isType }) => isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ to: moduleRequest.value, isType }] : [],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      to: source.slice(start + 1, end - 1),
      isType: false,
    })),
  ];
  return named.map(({ to, isType }) => ({
    from,
    to: to.startsWith('.') ? posix.join(posix.dirname(from), to) : to,
    ...(isType && { isType }),
  }));
}
