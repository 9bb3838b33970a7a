/** The names that docs/contract.md 7 fixes: they are the same on every machine. */
export const ISSUE_TABLE_NAME = 'frabit-issues';
export const APPROVAL_TABLE_NAME = 'frabit-approvals';
export const REGION = 'us-east-1';
/** The OA simulator as an external approval node: the `externalNodeId` of the demo's records. */
export const OA_NODE = { nodeId: 'demo-oa', title: 'Demo OA' } as const;
export const functionArn = (name: string): string => `arn:aws:lambda:${REGION}:000000000000:function:${name}`;
/** DynamoDB Local, fauxqs and our own endpoints accept any alphanumeric key. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;
