import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { invalid } from '../errors.ts';
import { entryOf, type StoredMap } from '../values.ts';
import type { Path } from './paths.ts';

/** A path that an update sets, or removes if there is no value. */
export interface Target {
  path: Path;
  value: AttributeValue | undefined;
}

/** The targets of one update as a tree of path parts. A leaf is a change, a branch has further parts. */
interface Leaf {
  value: AttributeValue | undefined;
}
interface Branch {
  children: Map<string | number, Leaf | Branch>;
}

/** Builds the tree. Throws a ValidationException if paths overlap, or use one value both as a map and as a list. */
export function targetTree(targets: readonly Target[]): Branch {
  const root: Branch = { children: new Map() };
  for (const { path, value } of targets) {
    let branch = root;
    for (const part of path.slice(0, -1)) branch = childBranch(branch, part);
    const last = path.at(-1) ?? '';
    refuseMixedKinds(branch, last);
    if (branch.children.has(last)) throw overlap();
    branch.children.set(last, { value });
  }
  return root;
}

function childBranch(branch: Branch, part: string | number): Branch {
  refuseMixedKinds(branch, part);
  const existing = branch.children.get(part);
  if (existing && !('children' in existing)) throw overlap();
  const child = existing ?? { children: new Map() };
  branch.children.set(part, child);
  return child;
}

function refuseMixedKinds({ children }: Branch, part: string | number): void {
  const [first] = children.keys();
  if (first === undefined || typeof first === typeof part) return;
  throw invalid('Invalid UpdateExpression: Two document paths conflict with each other');
}

const overlap = (): Error => invalid('Invalid UpdateExpression: Two document paths overlap with each other');

export const applyTargets = (root: Branch, item: StoredMap): StoredMap => applyToMap(root, item);

function apply(node: Leaf | Branch, value: AttributeValue | undefined): AttributeValue | undefined {
  if (!('children' in node)) return node.value;
  const [first] = node.children.keys();
  if (typeof first === 'number') {
    if (!value?.L) throw noSuchPath();
    return Object.freeze({ L: applyToList(node, value.L) });
  }
  if (!value?.M) throw noSuchPath();
  return Object.freeze({ M: applyToMap(node, value.M) });
}

function applyToMap({ children }: Branch, map: StoredMap): StoredMap {
  const entries = new Map(Object.entries(map));
  for (const [part, node] of children) {
    const name = String(part);
    const after = apply(node, entryOf(map, name));
    if (after) entries.set(name, after);
    else entries.delete(name);
  }
  return Object.freeze(Object.fromEntries(entries));
}

/** Indexes refer to the list before the update. Elements set beyond its end are appended in order. */
function applyToList({ children }: Branch, list: readonly AttributeValue[]): AttributeValue[] {
  const kept = list.map((element, index) => {
    const node = children.get(index);
    return node ? apply(node, element) : element;
  });
  const beyond = [...children]
    .filter(([index]) => Number(index) >= list.length)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, node]) => apply(node, undefined));
  const after = [...kept, ...beyond].filter((element) => element !== undefined);
  Object.freeze(after);
  return after;
}

const noSuchPath = (): Error =>
  invalid('The document path provided in the update expression is invalid for update');
