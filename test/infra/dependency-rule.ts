import { globSync } from 'node:fs';
import { build } from 'esbuild';

/** One import: the path of a module from the root, and what it imports: another module or a package. */
export interface Edge {
  from: string;
  to: string;
}

const PURE = /^shared\/issue\/|^shared\/approval\/plan\/(round|plan)\.ts$/;
const AWS_OR_FEISHU = /^(@aws-sdk|@smithy|@aws-lambda-powertools|@larksuiteoapi)\/|^aws-|^shared\/feishu\//;

/** What a folder may import of this project; packages are free, but for the pure modules. */
const MAY_IMPORT: readonly { from: RegExp; to: (from: string) => RegExp }[] = [
  {
    from: /^functions\/[^/]+\//,
    to: (from) => new RegExp(`^shared/|^${from.split('/').slice(0, 2).join('/')}/`),
  },
  { from: /^shared\//, to: () => /^shared\// },
  {
    from: /^infra\/local\//,
    to: () =>
      /^infra\/local\/|^infra\/command-problem\.ts$|^functions\/[^/]+\/handler\.ts$|^shared\/tables\/definitions\.ts$/,
  },
  { from: /^infra\//, to: () => /^(infra|shared)\/|^functions\/[^/]+\/handler\.ts$/ },
];

const ofThisProject = (path: string): boolean => /^(functions|infra|shared|test)\//.test(path);

/** Each import that DESIGN "Layout" forbids, as a sentence. */
export function forbidden(edges: readonly Edge[]): string[] {
  const misplaced = edges
    .filter(({ from, to }) => {
      const rule = MAY_IMPORT.find((one) => one.from.test(from));
      return ofThisProject(to) && rule !== undefined && !rule.to(from).test(to);
    })
    .map(({ from, to }) => `${from} must not import ${to}`);
  return [...misplaced, ...impure(edges)];
}

/** Returns what pure modules import, directly or through others. */
function impure(edges: readonly Edge[]): string[] {
  const found = new Set<string>();
  const pure = new Set(edges.map(({ from }) => from).filter((from) => PURE.test(from)));
  for (const start of pure) {
    const seen = new Set([start]);
    for (const module of seen) {
      for (const { to } of edges.filter(({ from }) => from === module)) {
        if (AWS_OR_FEISHU.test(to)) {
          const way = module === start ? '' : `, by way of ${module}`;
          found.add(`${start} must not reach ${to}${way}`);
        } else seen.add(to);
      }
    }
  }
  return [...found];
}

/** Every import of the product and of `infra`, as esbuild sees it; those of types alone are gone by then. */
export async function readEdges(root: string): Promise<Edge[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: globSync('{functions,shared,infra}/**/*.ts', { cwd: root }),
    bundle: true,
    packages: 'external',
    metafile: true,
    write: false,
    outdir: 'unused',
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  });
  return Object.entries(metafile.inputs).flatMap(([from, input]) =>
    input.imports.map(({ path: to }) => ({ from, to })),
  );
}
