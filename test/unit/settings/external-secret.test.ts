import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createSecretReader } from '../../../shared/runtime/secret-reader.ts';
import {
  EXTERNAL_SECRET,
  type NodeSecret,
  signingSecretsOf,
  writeNodeSecret,
} from '../../../shared/settings/external-secret.ts';
import { nextSecret } from '../../../shared/setup/next-external-secret.ts';
import { aSigningSecret } from '../../support/secrets.ts';

const DAY = 24 * 60 * 60_000;
const NOW = new Date('2026-03-01T08:00:00.000Z');
const UNTIL = '2026-03-02T08:00:00.000Z';
const [A, B, C] = [aSigningSecret(), aSigningSecret(), aSigningSecret()];

/** The result of a save at this revision of the node, with this stored secret. A generated secret is `C`. */
const decide = (
  stored: NodeSecret | undefined,
  wish: { signingSecret?: string; rotate?: boolean } = {},
  revision = 4,
) => nextSecret(stored, wish, { revision, now: NOW, generate: () => C });

describe('the secret of a node that is saved', () => {
  it('is generated and returned if none is given and none is stored', () => {
    expect(decide(undefined, {}, 0)).toEqual({ secret: { signingSecret: C, revision: 1 }, generated: C });
  });

  it('is the given one, which is not returned', () => {
    expect(decide(undefined, { signingSecret: A }, 0)).toEqual({ secret: { signingSecret: A, revision: 1 } });
  });

  it('stays if none is given', () => {
    expect(decide({ signingSecret: A })).toEqual({ secret: { signingSecret: A } });
    expect(decide({ signingSecret: A, revision: 4 })).toEqual({ secret: { signingSecret: A, revision: 4 } });
  });

  it('stays if the same one is given, with or without prefix, and so does the previous one', () => {
    const stored = { signingSecret: A, previous: [{ signingSecret: B, until: UNTIL }], revision: 2 };
    expect(decide(stored, { signingSecret: A })).toEqual({ secret: stored });
    expect(decide(stored, { signingSecret: A.replace('whsec_', '') })).toEqual({ secret: stored });
  });

  it.each([
    ['another one is given', { signingSecret: C }, undefined],
    ['a rotation is asked for', { rotate: true }, C],
  ])('is replaced if %s, and stays valid for a day', (_, wish, generated) => {
    expect(decide({ signingSecret: A, previous: [{ signingSecret: B, until: UNTIL }] }, wish)).toEqual({
      secret: {
        signingSecret: C,
        previous: [A, B].map((signingSecret) => ({ signingSecret, until: UNTIL })),
        revision: 5,
      },
      ...(generated && { generated }),
    });
  });

  it('loses the previous one with the first save after a day', () => {
    const stored = {
      signingSecret: A,
      previous: [{ signingSecret: B, until: NOW.toISOString() }],
      revision: 2,
    };
    expect(decide(stored)).toEqual({ secret: { signingSecret: A, revision: 2 } });
  });
});

describe('a save that ended after its secret was stored', () => {
  const broken = (previous?: string): NodeSecret => ({
    signingSecret: B,
    ...(previous && { previous: [{ signingSecret: previous, until: UNTIL }] }),
    revision: 5,
  });

  it('of a new node: the next save replaces the secret and returns the new one', () => {
    expect(decide({ signingSecret: B, revision: 1 }, {}, 0)).toEqual({
      secret: { signingSecret: C, revision: 1 },
      generated: C,
    });
  });

  it('of a rotation that is repeated: the secret from before the first try stays valid', () => {
    expect(decide(broken(A), { rotate: true })).toEqual({
      secret: { signingSecret: C, previous: [{ signingSecret: A, until: UNTIL }], revision: 5 },
      generated: C,
    });
  });

  it('of a rotation that is not repeated: the previous secret is the current one again', () => {
    expect(decide(broken(A))).toEqual({ secret: { signingSecret: A } });
  });

  it('of a given secret that is repeated: it is stored', () => {
    expect(decide(broken(A), { signingSecret: B })).toEqual({ secret: broken(A) });
  });
});

describe('a secret that is left over from a removed node', () => {
  it('is ignored if the node is created again: a new secret is generated and returned', () => {
    const left = {
      signingSecret: B,
      previous: [{ signingSecret: A, until: '2025-01-01T00:00:00.000Z' }],
      revision: 5,
    };
    expect(decide(left, {}, 0)).toEqual({ secret: { signingSecret: C, revision: 1 }, generated: C });
  });
});

describe('rotations within a day', () => {
  it('keep the three previous secrets valid, the latest first', () => {
    const before = [A, B].map((signingSecret) => ({ signingSecret, until: UNTIL }));
    const { secret } = decide(
      { signingSecret: B, previous: [...before, ...before], revision: 4 },
      { rotate: true },
    );
    expect(secret.previous).toEqual([{ signingSecret: B, until: UNTIL }, ...before]);
  });
});

describe('the secrets that are valid', () => {
  const secret = {
    nodes: {
      oa: { signingSecret: A, previous: [{ signingSecret: B, until: UNTIL }] },
      other: { signingSecret: C },
    },
  };
  const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

  it('are the current one and, for a day, the previous one', () => {
    expect(signingSecretsOf(secret, { nodeId: 'oa', revision: 9 }, at(0))).toEqual([A, B]);
    expect(signingSecretsOf(secret, { nodeId: 'oa', revision: 9 }, at(DAY - 1))).toEqual([A, B]);
    expect(signingSecretsOf(secret, { nodeId: 'oa', revision: 9 }, at(DAY))).toEqual([A]);
    expect(signingSecretsOf(secret, { nodeId: 'other', revision: 9 }, at(0))).toEqual([C]);
  });

  it('are those of the last finished save, however long ago another one did not finish', () => {
    const nodes = { oa: { signingSecret: C, previous: [{ signingSecret: A, until: UNTIL }], revision: 5 } };
    expect(signingSecretsOf({ nodes }, { nodeId: 'oa', revision: 4 }, at(30 * DAY))).toEqual([A]);
  });

  it.each(['nobody', 'constructor', 'toString', '__proto__'])('are none for the node "%s"', (nodeId) => {
    expect(signingSecretsOf(secret, { nodeId: nodeId, revision: 9 }, at(0))).toEqual([]);
  });
});

describe('in Secrets Manager', () => {
  const mock = mockClient(SecretsManagerClient);
  const place = { secretsManager: new SecretsManagerClient({ region: 'us-east-1' }), secretId: 'external' };
  beforeEach(() => mock.reset());
  afterAll(() => mock.restore());

  const holds = (text: string, VersionId = 'v1') =>
    mock.on(GetSecretValueCommand).resolves({ VersionId, SecretString: text });
  const written = () =>
    mock.commandCalls(PutSecretValueCommand).map(({ args }) => JSON.parse(args[0].input.SecretString ?? ''));
  const aReader = () => createSecretReader(EXTERNAL_SECRET, { ...place, now: () => NOW.getTime() });

  it('a node is stored beside the others, in the form of the contract', async () => {
    holds(JSON.stringify({ nodes: { other: { signingSecret: C } } }));
    mock.on(PutSecretValueCommand).resolves({});
    await writeNodeSecret(place, 'oa', { signingSecret: A, revision: 1 });
    expect(written()).toEqual([
      { nodes: { other: { signingSecret: C }, oa: { signingSecret: A, revision: 1 } } },
    ]);
  });

  it('a node is removed, and nothing is written if nothing changes', async () => {
    holds(JSON.stringify({ nodes: { oa: { revision: 1, signingSecret: A }, other: { signingSecret: C } } }));
    mock.on(PutSecretValueCommand).resolves({});
    await writeNodeSecret(place, 'oa', { signingSecret: A, revision: 1 });
    await writeNodeSecret(place, 'nobody', undefined);
    expect(written()).toEqual([]);
    await writeNodeSecret(place, 'oa', undefined);
    expect(written()).toEqual([{ nodes: { other: { signingSecret: C } } }]);
  });

  it('a secret without a value has no nodes', async () => {
    mock
      .on(GetSecretValueCommand)
      .rejects(
        new ResourceNotFoundException({ message: "can't find the specified secret value", $metadata: {} }),
      );
    expect(await aReader().current()).toEqual({ nodes: {} });
  });

  it.each([
    ['is missing', () => mock.on(GetSecretValueCommand).rejects(missing()), 'SECRET_MISSING'],
    ['is not JSON', () => holds('hush'), 'SECRET_INVALID'],
    ['breaks the form', () => holds('{"nodes":{"oa":{"signingSecret":""}}}'), 'SECRET_INVALID'],
    ['cannot be read', () => mock.on(GetSecretValueCommand).rejects(new Error('hush')), 'SECRET_UNAVAILABLE'],
  ])('a secret that %s is reported without its content', async (_, arrange, code) => {
    arrange();
    const error: unknown = await aReader()
      .current()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toMatch(/hush|Feishu|FEISHU/);
    if (code === 'SECRET_MISSING') expect(String(error)).toContain('EXTERNAL_SECRET_ARN');
  });
  const missing = () =>
    new ResourceNotFoundException({ message: "can't find the specified secret.", $metadata: {} });

  it('saves of two nodes are separate: each allows its own new read', async () => {
    holds('{"nodes":{}}');
    const reader = aReader();
    const reads = () => mock.commandCalls(GetSecretValueCommand).length;
    await reader.refresh({ of: 'oa', revision: 1 });
    await reader.refresh({ of: 'other', revision: 7 });
    expect(reads()).toBe(2);
    for (let request = 0; request < 3; request += 1) {
      await reader.refresh({ of: 'oa', revision: 1 });
      await reader.refresh({ of: 'other', revision: 7 });
    }
    expect(reads()).toBe(2);
    await reader.refresh({ of: 'oa', revision: 2 });
    expect(reads()).toBe(3);
  });
});
