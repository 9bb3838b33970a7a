import { describe, expect, it } from 'vitest';
import { createFeishuSetup } from '../../../shared/feishu/setup-client.ts';
import { json, stubFetch } from '../../support/feishu-answers.ts';

const app = { appId: 'cli_a', domain: 'feishu' } as const;

/** Reads a definition from this answer of Feishu. */
async function read(answer: object, status = 200) {
  const { fetch } = stubFetch({ 'GET /approval/v4/approvals/CODE': [() => json(answer, status)] });
  const setup = createFeishuSetup({ credentials: async () => ({ appSecret: 'x' }), fetch });
  return setup.getDefinition(app, 'CODE');
}
const readForm = async (form: unknown) => {
  const text = typeof form === 'string' ? form : JSON.stringify(form);
  return (await read({ code: 0, data: { status: 'ACTIVE', form: text } }))?.widgets;
};

describe('the widgets of a definition', () => {
  it.each([
    ["Feishu's own id and the maker's", { id: 'widget17907391971', custom_id: 'issue' }],
    ['no custom_id', { id: 'issue' }],
    ['custom_id null', { id: 'issue', custom_id: null }],
    ['custom_id empty', { id: 'issue', custom_id: '' }],
    ['custom_id that is no text', { id: 'issue', custom_id: 7 }],
    ['custom_id alone', { custom_id: 'issue' }],
  ])('have the id that their creator gave (docs/lessons.md 49): %s', async (_, widget) => {
    expect(await readForm([{ ...widget, type: 'input', name: 'x', required: false }])).toEqual([
      { id: 'issue', type: 'input' },
    ]);
  });

  it.each([
    ['an empty list', []],
    ['an empty text', ''],
    ['blanks', '  '],
  ])('are none in %s', async (_, form) => {
    expect(await readForm(form)).toEqual([]);
  });

  it.each([
    ['no JSON', '[{'],
    ['an object', { id: 'issue', type: 'input' }],
    ['a widget without a type', [{ id: 'issue' }]],
    ['a widget that is a text', ['issue']],
  ])('cannot be read from %s', async (_, form) => {
    expect(await readForm(form)).toBeUndefined();
  });
});

describe('a definition that cannot be used', () => {
  it.each([
    [1390015, { status: 'INACTIVE', widgets: [], namesNodes: false, freeNodes: [] }],
    [1390016, { status: 'DELETED', widgets: [], namesNodes: false, freeNodes: [] }],
    [1390002, undefined],
    [60002, undefined],
  ])('is known by the code %i', async (code, told) => {
    expect(await read({ code, msg: 'no' }, 400)).toEqual(told);
  });
});
