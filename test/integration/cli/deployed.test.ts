import { afterEach, describe, expect, it, vi } from 'vitest';
import { aFakeAwsKey } from '../../support/secrets.ts';
import { type Answer, aView, cli, type FakeServer, serve } from '../../unit/cli/support.ts';

/** Answers of CloudFormation, in the XML of its query protocol. */
const stackXml = (outputs: Record<string, string>) => `<DescribeStacksResponse
  xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
  <StackName>FrabitImApproval</StackName><CreationTime>2026-03-01T08:00:00Z</CreationTime>
  <StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${Object.entries(outputs)
    .map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    )
    .join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
const errorXml = (code: string, message: string) =>
  `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
  <Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;

const servers: FakeServer[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function aServer(answer: () => Answer): Promise<FakeServer> {
  const server = await serve(answer);
  servers.push(server);
  return server;
}

/** A user's environment: credentials and Region in variables, and nothing of this machine. */
function configure(cloudFormationUrl: string, { credentials = true, region = 'eu-west-1' } = {}): void {
  const { accessKeyId, secretAccessKey } = aFakeAwsKey();
  for (const name of ['AWS_PROFILE', 'AWS_DEFAULT_REGION', 'AWS_SESSION_TOKEN']) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_REGION', region || undefined);
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials ? accessKeyId : undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials ? secretAccessKey : undefined);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDFORMATION', cloudFormationUrl);
}

const outputs = (SettingsUrl: string) => ({
  IssueTableName: 'issues',
  ApprovalTableName: 'approvals',
  FeishuWebhookUrl: 'https://hooks.example.com/feishu/events',
  SettingsUrl,
  WorkQueueUrl: 'https://sqs.example.com/work',
  DeadLetterQueueUrl: 'https://sqs.example.com/dead',
});

describe('a stack on AWS', () => {
  it('is found by its outputs, and calls of its settings API are signed for execute-api', async () => {
    const api = await aServer(() => ({ body: aView() }));
    const cloudFormation = await aServer(() => ({ body: stackXml(outputs(`${api.url}/settings/`)) }));
    configure(cloudFormation.url);

    const { exit, out, err } = await cli(['status', '--stack', 'Mine']);

    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toContain('Approvals are switched on.');
    expect(String(cloudFormation.requests[0]?.body)).toContain('StackName=Mine');
    expect(api.requests[0]).toMatchObject({ method: 'GET', path: '/settings/feishu' });
    expect(api.requests[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/eu-west-1\/execute-api\/aws4_request, /,
    );
  });

  it('gets the body that was signed', async () => {
    const api = await aServer(() => ({ status: 202, body: { withdrawing: 0 } }));
    const cloudFormation = await aServer(() => ({ body: stackXml(outputs(`${api.url}/settings`)) }));
    configure(cloudFormation.url);
    await cli(['check', '--email', 'a@example.com', '--region', 'ap-southeast-1']);
    expect(api.requests[0]?.body).toEqual({ email: 'a@example.com' });
    expect(api.requests[0]?.headers.authorization).toContain('/ap-southeast-1/execute-api/');
  });

  it('that refuses the signature is reported as out of reach', async () => {
    const api = await aServer(() => ({ status: 403, body: { message: 'Forbidden' } }));
    const cloudFormation = await aServer(() => ({ body: stackXml(outputs(`${api.url}/settings`)) }));
    configure(cloudFormation.url);
    const run = await cli(['status', '--json']);
    expect(run.exit).toBe(3);
    expect(run.json()).toMatchObject({ error: { code: 'ACCESS_DENIED' } });
    expect(run.err).toContain('execute-api:Invoke');
  });

  it.each([
    [
      'does not exist',
      { status: 400, body: errorXml('ValidationError', 'Stack with id FrabitImApproval does not exist') },
      'NO_STACK',
      /no stack FrabitImApproval in eu-west-1.*--stack/,
    ],
    [
      'the credentials may not describe',
      { status: 403, body: errorXml('AccessDenied', 'User: arn:aws:iam::1:user/x is not authorized') },
      'ACCESS_DENIED',
      /--profile/,
    ],
    [
      'is called with an expired token',
      { status: 403, body: errorXml('ExpiredToken', 'The security token is expired') },
      'BAD_CREDENTIALS',
      /aws sso login/,
    ],
    ['is not ours', { body: stackXml({ BucketName: 'other' }) }, 'NOT_OUR_STACK', /--stack/],
  ])('that %s is out of reach', async (_what, answer, code, says) => {
    const cloudFormation = await aServer(() => answer);
    configure(cloudFormation.url);
    const run = await cli(['status', '--json']);
    expect(run.exit).toBe(3);
    expect(run.json()).toMatchObject({ error: { code } });
    expect(run.err).toMatch(says);
    expect(run.err).toMatch(/^.+\n$/);
  });
});

describe('a machine without', () => {
  it.each([
    [
      'credentials',
      { credentials: false },
      'No AWS credentials: run aws sso login, or set AWS_PROFILE, or use --local.',
    ],
    ['a Region', { region: '' }, 'No AWS Region: use --region, set AWS_REGION, or use --local.'],
  ])('%s is told what to do', async (_what, options, message) => {
    configure('http://127.0.0.1:1', options);
    expect(await cli(['status'])).toMatchObject({ exit: 3, out: '', err: `${message}\n` });
  });

  it('a profile of that name gets an error that says what to do', async () => {
    configure('http://127.0.0.1:1', { credentials: false });
    const { exit, err } = await cli(['status', '--profile', 'nobody']);
    expect({ exit, err }).toEqual({ exit: 3, err: expect.stringMatching(/^No AWS credentials/) });
  });

  it('a network gets an error that says what to do', async () => {
    configure('http://127.0.0.1:1');
    const { exit, err } = await cli(['status']);
    expect(exit).toBe(3);
    expect(err).toMatch(/AWS does not answer for stack FrabitImApproval in eu-west-1/);
  });
});
