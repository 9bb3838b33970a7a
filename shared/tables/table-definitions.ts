import { EXPIRES_AT } from './approval-keys.ts';

/**
 * Keys, indexes and streams of a table. The stack creates the tables on AWS from it, `infra/local` in DynamoDB Local.
 * The stack alone sets billing, encryption and recovery.
 */
export interface TableDefinition {
  partitionKey: string;
  sortKey?: string;
  /** The attribute with the time, in epoch seconds, after which an item may be deleted. */
  timeToLive?: string;
  stream: 'NEW_AND_OLD_IMAGES';
  indexes: readonly {
    name: string;
    partitionKey: string;
    sortKey: string;
    projection: 'KEYS_ONLY' | 'ALL';
  }[];
}

export const ISSUE_TABLE = {
  partitionKey: 'issueId',
  stream: 'NEW_AND_OLD_IMAGES',
  indexes: [],
} as const satisfies TableDefinition;

export const APPROVAL_TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  timeToLive: EXPIRES_AT,
  stream: 'NEW_AND_OLD_IMAGES',
  /** Sparse: only items with a `checkAfter` have `due`. */
  indexes: [{ name: 'due', partitionKey: 'due', sortKey: 'checkAfter', projection: 'KEYS_ONLY' }],
} as const satisfies TableDefinition;
