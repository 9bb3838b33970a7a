import type { Round, Subject } from '../approval/plan/round.ts';
import { sha256 } from '../issue/content.ts';

/** Keys of the Approvals table (DESIGN, "Content, rounds, bell"). */
export const issuePartition = (issueId: string): string => `ISSUE#${issueId}`;

export const memoryKey = (issueId: string) => ({ pk: issuePartition(issueId), sk: 'ISSUE' });

export const roundKey = ({
  issueId,
  subject,
  generation,
}: Pick<Round, 'issueId' | 'subject' | 'generation'>) => ({
  pk: issuePartition(issueId),
  sk: `${subject.kind}#${encodeId(subject)}#${String(generation).padStart(6, '0')}`,
});

/** The first and the last sort key that rounds of a subject have, from one generation to another. */
export const sortKeysOf = (
  { issueId, subject }: Pick<Round, 'issueId' | 'subject'>,
  { from, to }: { from: number; to: number },
): [first: string, last: string] => [
  roundKey({ issueId, subject, generation: from }).sk,
  roundKey({ issueId, subject, generation: to }).sk,
];

export const approvalPointerKey = (approvalId: string) => ({
  pk: `APPROVAL#${approvalId.toLowerCase()}`,
  sk: 'POINTER',
});

export const instancePointerKey = (instanceCode: string) => ({
  pk: `INSTANCE#${instanceCode}`,
  sk: 'POINTER',
});

export const requestKey = (approvalId: string) => ({ pk: `SHOWN#${approvalId}`, sk: 'SHOWN' });

/** A sort key has at most 1,024 bytes, 128 characters of CJK encode to 1,152: such ids go by their hash. */
function encodeId({ id }: Subject): string {
  const encoded = encodeURIComponent(id.toWellFormed());
  return encoded.length <= 900 ? encoded : `sha256:${sha256(id)}`;
}
