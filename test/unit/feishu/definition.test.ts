import type { Client } from '@larksuiteoapi/node-sdk';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  APPROVER_NODE_ID,
  buildDefinition,
  DEFINITION_VERSION,
  type DefinitionBody,
  WIDGETS,
} from '../../../shared/feishu/definition.ts';
import { sha256 } from '../../../shared/runtime/sha256.ts';

/** The hash of the body of each version. A changed body needs a new version and a new line here. */
const BODIES: Record<number, string> = {
  1: '349ab03636f3f817185ea8c0c6433abd269777825e5233b51581f3c6953ec8c4',
};

const contentSchema = z.array(
  z.object({ id: z.string(), type: z.string(), name: z.string(), required: z.boolean() }),
);

describe('the approval definition', () => {
  it('has a body that changes only with its version', () => {
    expect(sha256(JSON.stringify(buildDefinition()))).toBe(BODIES[DEFINITION_VERSION]);
  });

  it('is a body that the SDK accepts by its types', () => {
    type Sent = NonNullable<Parameters<Client['approval']['v4']['approval']['create']>[0]>['data'];
    const body: Sent = buildDefinition('CODE') satisfies DefinitionBody;
    expect(body.approval_code).toBe('CODE');
  });

  it('names no definition unless it overwrites one', () => {
    expect(buildDefinition()).not.toHaveProperty('approval_code');
  });

  it('cannot be started by hand, edited in the console or revoked, and is decided on the card', () => {
    const { viewers, config, settings } = buildDefinition();
    expect(viewers).toEqual([{ viewer_type: 'NONE' }]);
    expect(Object.values(config)).toEqual([false, false, false, false]);
    expect(settings).toEqual({ revert_interval: 0, reject_option: 0, quick_approval_option: 1 });
  });

  it('has one node with one approver named by the initiator and no automatic pass (docs/lessons.md 27)', () => {
    const [start, node, end, ...more] = buildDefinition().node_list;
    expect([start, end, more]).toEqual([{ id: 'START' }, { id: 'END' }, []]);
    expect(node).toMatchObject({
      id: APPROVER_NODE_ID,
      approver: [{ type: 'Free' }],
      approver_chosen_multi: false,
      starter_assignee: 'STARTER',
    });
  });

  it('resolves every key in both languages and has no text without a key', () => {
    const body = buildDefinition();
    const labels = contentSchema.parse(JSON.parse(body.form.form_content)).map(({ name }) => name);
    const used = [body.approval_name, body.description, body.node_list[1]?.name, ...labels];
    for (const key of used) expect(key).toMatch(/^@i18n@.{3,}$/);
    expect(body.i18n_resources.map(({ locale, is_default }) => [locale, is_default])).toEqual([
      ['zh-CN', true],
      ['en-US', false],
    ]);
    for (const { texts } of body.i18n_resources) {
      expect(texts.map(({ key }) => key).sort()).toEqual([...new Set(used)].sort());
      for (const { value } of texts) expect(value.trim()).not.toBe('');
    }
  });

  it('gives each widget its own id and label and requires none', () => {
    const widgets = contentSchema.parse(JSON.parse(buildDefinition().form.form_content));
    expect(widgets.map(({ id, type }) => ({ id, type }))).toEqual(
      WIDGETS.map(({ id, type }) => ({ id, type })),
    );
    expect(new Set(widgets.map(({ id }) => id)).size).toBe(widgets.length);
    expect(new Set(widgets.map(({ name }) => name)).size).toBe(widgets.length);
    expect(widgets.some(({ required }) => required)).toBe(false);
  });
});
