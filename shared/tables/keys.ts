import { sha256 } from '../runtime/sha256.ts';

/**
 * All keys of the Approvals table: each item has a partition key `pk` and a sort key `sk`. The stack makes the IAM
 * conditions of the functions from these names.
 */

/** Each is the partition key of one partition. */
export const PARTITIONS = {
  /** The settings of Feishu. */
  settings: 'SETTINGS',
  /** The external nodes. They have a partition of their own, so that a right to delete reaches nothing else. */
  nodes: 'NODES',
  /** Test approvals. */
  tests: 'TEST',
  /** When the webhook last accepted a request, for each set of keys. */
  webhook: 'WEBHOOK',
  /** Where the sweep is on its walk. */
  sweep: 'SWEEP',
} as const;

/** Each is what the partition keys of one kind begin with. */
export const PARTITION_PREFIXES = {
  /** An issue: its memory and its rounds. */
  issue: 'ISSUE#',
  /** From an approvalId to its round. */
  approval: 'APPROVAL#',
  /** From an instance code to its round. */
  instance: 'INSTANCE#',
  /** What an approval's request showed. */
  request: 'SHOWN#',
  /** Time slots for the calls of an app or a node. */
  pace: 'PACE#',
  /** Which forms an app's definition has accepted. */
  forms: 'FORMS#',
} as const;

/** The partition of the index `due`: every item with a `checkAfter`. */
export const DUE = 'DUE';

/** What the sort keys of rounds begin with. */
export const ROUND_PREFIXES = ['STAGE#', 'STEP#'] as const;

export const settingsKey = { pk: PARTITIONS.settings, sk: 'FEISHU' } as const;
export const sweepKey = { pk: PARTITIONS.sweep, sk: 'CURSOR' } as const;
export const externalNodeKey = (nodeId: string) => ({ pk: PARTITIONS.nodes, sk: nodeId });
export const testKey = (testId: string) => ({ pk: PARTITIONS.tests, sk: testId });
export const webhookKey = (appId: string, fingerprint: string) => ({
  pk: PARTITIONS.webhook,
  sk: `${appId}#${fingerprint}`,
});
export const webhookTestKey = (testId: string) => ({
  pk: PARTITIONS.webhook,
  sk: `TEST#${testId.toLowerCase()}`,
});
/** `owner`: the id of the app or node whose calls are counted. */
export const paceKey = (owner: string, api: string) => ({
  pk: `${PARTITION_PREFIXES.pace}${owner}#${api}`,
  sk: 'PACE',
});
export const formMemoryKey = (appId: string) => ({ pk: `${PARTITION_PREFIXES.forms}${appId}`, sk: 'FORMS' });

interface RoundPlace {
  issueId: string;
  subject: Subject;
  generation: number;
}

/** A stage or an EXTERNAL step, as a round names it. */
interface Subject {
  kind: string;
  id: string;
}

export const issuePartition = (issueId: string): string => `${PARTITION_PREFIXES.issue}${issueId}`;

export const memoryKey = (issueId: string) => ({ pk: issuePartition(issueId), sk: 'ISSUE' });

export const roundKey = ({ issueId, subject, generation }: RoundPlace) => ({
  pk: issuePartition(issueId),
  sk: `${subject.kind}#${encodeId(subject)}#${String(generation).padStart(6, '0')}`,
});

/** The first and the last sort key that rounds of a subject have, from one generation to another. */
export const sortKeysOf = (
  { issueId, subject }: Pick<RoundPlace, 'issueId' | 'subject'>,
  { from, to }: { from: number; to: number },
): [first: string, last: string] => [
  roundKey({ issueId, subject, generation: from }).sk,
  roundKey({ issueId, subject, generation: to }).sk,
];

export const approvalPointerKey = (approvalId: string) => ({
  pk: `${PARTITION_PREFIXES.approval}${approvalId.toLowerCase()}`,
  sk: 'POINTER',
});

export const instancePointerKey = (instanceCode: string) => ({
  pk: `${PARTITION_PREFIXES.instance}${instanceCode}`,
  sk: 'POINTER',
});

export const requestKey = (approvalId: string) => ({
  pk: `${PARTITION_PREFIXES.request}${approvalId}`,
  sk: 'SHOWN',
});

/** A sort key has at most 1,024 bytes, 128 characters of CJK encode to 1,152: such ids go by their hash. */
function encodeId({ id }: Subject): string {
  const encoded = encodeURIComponent(id.toWellFormed());
  return encoded.length <= 900 ? encoded : `sha256:${sha256(id)}`;
}
