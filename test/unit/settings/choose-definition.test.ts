import { describe, expect, it } from 'vitest';
import { WIDGETS } from '../../../shared/feishu/definition.ts';
import type { FeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { chooseDefinition } from '../../../shared/setup/choose-definition.ts';
import type { DefinitionChoice } from '../../../shared/setup/judge-definition.ts';

const CHOICE: DefinitionChoice = { appId: 'cli_a', inUse: {}, own: {}, version: 1 };

/** Returns what happens, in order. Feishu's definition THEIRS lacks a widget until it is overwritten. */
async function settle(changes: Partial<DefinitionChoice>, leaseLost = false) {
  const acts: string[] = [];
  const never = () => Promise.reject(new Error('not for this'));
  let missing = 1;
  const setup: FeishuSetup = {
    authorize: never,
    originOf: () => 'https://open.feishu.cn',
    getBot: never,
    grantedScopes: never,
    subscribe: never,
    async saveDefinition(_app, { approval_code }) {
      acts.push(approval_code === undefined ? 'create' : 'overwrite');
      missing = 0;
      return approval_code ?? 'MADE';
    },
    async getDefinition() {
      acts.push('look');
      return {
        status: 'ACTIVE',
        widgets: WIDGETS.slice(missing).map(({ id, type }) => ({ id, type })),
        namesNodes: true,
        freeNodes: [{ key: 'frabit-approver', requiresSignature: false }],
      };
    },
  };
  const settled = await chooseDefinition({
    setup,
    app: { appId: 'cli_a', domain: 'feishu' },
    choice: { ...CHOICE, ...changes },
    lock: {
      async renew() {
        acts.push('renew');
        if (leaseLost) throw new Error('lost');
      },
      async storeDefinitions({ own = [] }) {
        acts.push(`keep ${own.map(({ code, version }) => `${code} ${version}`).join()}`);
      },
    },
    now: () => new Date('2026-03-01T08:00:00.000Z'),
  }).catch((error: unknown) => error);
  return { acts, settled };
}

const REPLACE = { approvalCode: 'THEIRS', replace: true };

describe('under the lock', () => {
  it('renews the lease before a create, and stores the code at once', async () => {
    expect((await settle({})).acts).toEqual(['renew', 'create', 'keep MADE 1']);
  });

  it('stores a replacement first, renews the lease, and reads the definition before storing the result', async () => {
    expect((await settle(REPLACE)).acts).toEqual([
      'look',
      'keep THEIRS 0',
      'renew',
      'overwrite',
      'look',
      'keep THEIRS 1',
    ]);
  });

  it.each([
    ['made', {}, ['renew']],
    ['overwritten', REPLACE, ['look', 'keep THEIRS 0', 'renew']],
  ])('nothing is %s after the lease is lost', async (_, changes, acts) => {
    expect(await settle(changes, true)).toEqual({ acts, settled: new Error('lost') });
  });
});
