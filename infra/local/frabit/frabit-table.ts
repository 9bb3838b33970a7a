import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { ISSUE_TABLE_NAME, LOCAL_CREDENTIALS, REGION } from '../names.ts';
import { type Issue, issueSchema } from './frabit.ts';

export interface FrabitTable {
  put(issue: Issue): Promise<void>;
  read(issueId: string): Promise<Issue | undefined>;
  /** Reads, changes and writes the whole item if its version is unchanged; tries again after a conflict. */
  change(issueId: string, change: (issue: Issue) => Issue): Promise<Issue | undefined>;
  /** Lists the issues, newest first, without invalid records. */
  list(): Promise<Issue[]>;
  close(): void;
}

const TRIES = 10;

/** Opens the Issues table as Frabit uses it, over HTTP. */
export function openFrabitTable(endpoint: string): FrabitTable {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: LOCAL_CREDENTIALS });
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const TableName = ISSUE_TABLE_NAME;

  const read = async (issueId: string): Promise<Issue | undefined> => {
    const { Item } = await documents.send(
      new GetCommand({ TableName, Key: { issueId }, ConsistentRead: true }),
    );
    return Item && issueSchema.parse(Item);
  };

  return {
    async put(issue) {
      await documents.send(new PutCommand({ TableName, Item: issue }));
    },
    read,
    async change(issueId, change) {
      for (let left = TRIES; ; left -= 1) {
        const issue = await read(issueId);
        if (!issue) return undefined;
        const version = issue.version ?? 0;
        const changed = { ...change(issue), version: version + 1 };
        try {
          await documents.send(
            new PutCommand({
              TableName,
              Item: changed,
              ConditionExpression: '#version = :version OR attribute_not_exists(#version)',
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':version': version },
            }),
          );
          return changed;
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException) || left === 1) throw error;
        }
      }
    },
    async list() {
      const issues: Issue[] = [];
      for await (const page of paginateScan({ client: documents }, { TableName })) {
        for (const item of page.Items ?? []) {
          const issue = issueSchema.safeParse(item);
          if (issue.success) issues.push(issue.data);
        }
      }
      const createdAt = (issue: Issue) => String(issue.createdAt ?? '');
      return issues.sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
    },
    close: () => client.destroy(),
  };
}
