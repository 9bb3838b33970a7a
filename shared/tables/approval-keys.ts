import { sha256 } from '../runtime/sha256.ts';

/**
 * All keys of the Approvals table. Each item has a partition key `pk` and a sort key `sk`. The stack makes the IAM
 * conditions of the functions from these names.
 */

/** Partition keys of single partitions. */
export const PARTITIONS = {
  /** The settings of Feishu. */
  settings: 'SETTINGS',
  /** External nodes. They have their own partition, so that the permission to delete them covers nothing else. */
  nodes: 'NODES',
  /** Test approvals. */
  tests: 'TEST',
  /** When the webhook last verified a request, for each set of keys. */
  webhook: 'WEBHOOK',
  /** The position of the sweep on its walk. */
  sweep: 'SWEEP',
} as const;

/** Prefixes of partition keys, one for each kind of item. */
export const PARTITION_PREFIXES = {
  /** The memory and the rounds of an issue. */
  issue: 'ISSUE#',
  /** Pointers from an approvalId to its issue. */
  approval: 'APPROVAL#',
  /** Pointers from an instance code to its issue. */
  instance: 'INSTANCE#',
  /** What each request showed. */
  request: 'SHOWN#',
  /** Slots for the calls of an app or a node. */
  pace: 'PACE#',
  /** Which forms Feishu accepts from an app. */
  forms: 'FORMS#',
} as const;

/** The partition of the index `due`: every item with a `checkAfter`. */
export const DUE = 'DUE';

/** The attribute after whose time, in seconds since 1970, DynamoDB deletes an item (its time to live). */
export const EXPIRES_AT = 'expiresAt';

/** Prefixes of the sort keys of rounds. */
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

/** Returns the issue of a round's key, for logs. */
export const aboutRoundKey = ({
  pk,
  sk,
}: {
  pk?: unknown;
  sk?: unknown;
}): { issueId?: string; round: string } => {
  const [issue, round] = [String(pk), String(sk)];
  return {
    ...(issue.startsWith(PARTITION_PREFIXES.issue) && {
      issueId: issue.slice(PARTITION_PREFIXES.issue.length),
    }),
    round,
  };
};

export const roundKey = ({ issueId, subject, generation }: RoundPlace) => ({
  pk: issuePartition(issueId),
  sk: `${subject.kind}#${encodeId(subject)}#${String(generation).padStart(6, '0')}`,
});

/** Returns the first and the last sort key of a range of rounds, given by their generations. */
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

/**
 * Encodes an id for a sort key, which has at most 1,024 bytes. 128 CJK characters need 1,152: a hash stands for them.
 */
function encodeId({ id }: Subject): string {
  const encoded = encodeURIComponent(id.toWellFormed());
  return encoded.length <= 900 ? encoded : `sha256:${sha256(id)}`;
}
