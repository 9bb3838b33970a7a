import { describe, expect, it } from 'vitest';
import { WIDGETS } from '../../../shared/feishu/definition.ts';
import type { FeishuDefinition } from '../../../shared/feishu/setup-client.ts';
import {
  ABOUT_TO_OVERWRITE,
  type MadeDefinition,
  type OwnDefinition,
} from '../../../shared/settings/settings.ts';
import {
  candidatesOf,
  type DefinitionChoice,
  judgeDefinition,
} from '../../../shared/setup/judge-definition.ts';

const OURS = WIDGETS.map(({ id, type }) => ({ id, type: type as string }));
const aDefinition = (changes: Partial<FeishuDefinition> = {}): FeishuDefinition => ({
  status: 'ACTIVE',
  widgets: OURS,
  namesNodes: true,
  freeNodes: [{ key: 'frabit-approver', requiresSignature: false }],
  ...changes,
});
const anEntry = (changes: Partial<MadeDefinition> = {}): MadeDefinition => ({
  code: 'CODE',
  version: 1,
  createdAt: '2026-03-01T08:00:00.000Z',
  ...changes,
});
const aChoice = (
  entry?: MadeDefinition,
  { own = {}, ...changes }: Partial<DefinitionChoice> = {},
): DefinitionChoice => ({
  appId: 'cli_a',
  inUse: entry ? { cli_a: entry } : {},
  own,
  version: 1,
  ...changes,
});
const judge = (found: FeishuDefinition | undefined, choice: DefinitionChoice) =>
  judgeDefinition(found, 'CODE', choice);
const anOwn = (changes: Partial<OwnDefinition> = {}): OwnDefinition => ({
  ...anEntry({ made: true }),
  appId: 'cli_a',
  ...changes,
});
const NAMED = { approvalCode: 'CODE' };

describe('a definition that fits', () => {
  it.each([
    ['made by us', anEntry({ made: true }), {}],
    ['named once', anEntry({ made: false }), {}],
    ['of an entry without the mark', anEntry(), {}],
    ['of an entry without the mark, of an earlier version', anEntry(), { version: 2 }],
    ['made by a later version of ours', anEntry({ made: true, version: 3 }), { version: 2 }],
    ['never seen before', undefined, NAMED],
    ['named once, in an earlier version', anEntry({ made: false }), { version: 2 }],
    ['never seen before, with the word to replace it', undefined, { ...NAMED, replace: true }],
  ])('is used without a change: %s', (_, entry, changes) => {
    expect(judge(aDefinition(), aChoice(entry, changes))).toEqual({ kind: 'FITS' });
  });

  it('is brought up to date with a higher version if we made it', () => {
    const choice = aChoice(anEntry({ made: true }), { version: 2 });
    expect(judge(aDefinition(), choice)).toMatchObject({ kind: 'TO_OVERWRITE', asked: false });
  });

  it('is overwritten again if the result of a replacement is unknown', () => {
    const begun = anOwn({ version: ABOUT_TO_OVERWRITE, made: true });
    const choice = aChoice(undefined, { ...NAMED, own: { CODE: begun } });
    expect(judge(aDefinition(), choice)).toMatchObject({ kind: 'TO_OVERWRITE', asked: false });
  });
});

const LACKING = aDefinition({ widgets: OURS.slice(1) });
const FOREIGN = aDefinition({ widgets: [...OURS, { id: 'budget', type: 'number' }] });

describe('a definition that does not fit', () => {
  it.each([
    ['made by us, and lacking', LACKING, anEntry({ made: true }), 1],
    ['made by us, and grown by hand', FOREIGN, anEntry({ made: true }), 1],
    ['without the mark, of an earlier version, and lacking', LACKING, anEntry(), 2],
  ])('is overwritten: %s', (_, found, entry, version) => {
    expect(judge(found, aChoice(entry, { version }))).toMatchObject({ kind: 'TO_OVERWRITE', asked: false });
  });

  it.each([
    ['never seen before', LACKING, undefined, 1],
    ['named once, and lacking', LACKING, anEntry({ made: false }), 1],
    ['named once, and lacking what a later version needs', LACKING, anEntry({ made: false }), 2],
    ['without the mark, and lacking in the same version', LACKING, anEntry(), 1],
    ['without the mark, of an earlier version, with a foreign widget', FOREIGN, anEntry(), 2],
    ['without the mark, of a later version', LACKING, anEntry({ version: 3 }), 2],
  ])('is not overwritten (docs/lessons.md 49): %s', (_, found, entry, version) => {
    const choice = aChoice(entry, { version, ...NAMED });
    expect(judge(found, choice)).toMatchObject({ kind: 'UNFIT' });
    expect(judge(found, { ...choice, replace: true })).toMatchObject({ kind: 'TO_OVERWRITE', asked: true });
  });

  it('is ours if it ever was, whatever the app uses now', () => {
    const own = { CODE: anOwn() };
    for (const entry of [undefined, anEntry({ code: 'OTHER', made: false }), anEntry({ made: false })]) {
      expect(judge(LACKING, aChoice(entry, { own }))).toMatchObject({ kind: 'TO_OVERWRITE', asked: false });
    }
  });

  it('is not ours if an operator is known to have named it', () => {
    const own = { CODE: anOwn({ made: undefined }) };
    const choice = aChoice(anEntry({ made: false }), { own, version: 2 });
    expect(judge(LACKING, choice)).toMatchObject({ kind: 'UNFIT' });
  });

  it.each([
    ['made by us', anEntry({ made: true }), {}, OURS],
    ['made by us, and lacking', anEntry({ made: true }), {}, OURS.slice(1)],
    ['with the word to replace it', undefined, { ...NAMED, replace: true }, OURS],
    ['lacking, with the word to replace it', undefined, { ...NAMED, replace: true }, OURS.slice(1)],
  ])(
    'is not overwritten if it asks for a signature, which an overwrite keeps: %s',
    (_, entry, changes, widgets) => {
      const signed = aDefinition({
        widgets,
        freeNodes: [{ key: 'frabit-approver', requiresSignature: true }],
      });
      expect(judge(signed, aChoice(entry, changes))).toEqual({
        kind: 'UNFIT',
        detail: expect.stringContaining('it asks for a handwritten signature'),
        fix: expect.stringMatching(/switch the handwritten signature off/),
      });
    },
  );
});

describe('the message says what is wrong:', () => {
  const [first, second, ...others] = OURS;
  const node = (key: string | undefined) => ({ key, requiresSignature: false });
  const saying = (found: Partial<FeishuDefinition>) => {
    const verdict = judge(aDefinition(found), aChoice(undefined, NAMED));
    return verdict.kind === 'UNFIT'
      ? verdict.detail.replace(/^The approval definition does not fit: (.*)\.$/, '$1')
      : verdict.kind;
  };

  it.each([
    [
      'no node of ours',
      { freeNodes: [node('theirs')] },
      'it lacks the node frabit-approver with a chosen approver; it has other nodes with a chosen approver: theirs',
    ],
    [
      'no chosen approver at all',
      { freeNodes: [] },
      'it lacks the node frabit-approver with a chosen approver',
    ],
    [
      'a node beside ours',
      { freeNodes: [node('frabit-approver'), node(undefined)] },
      'it has other nodes with a chosen approver: (no id)',
    ],
    ['two widgets missing', { widgets: others }, 'it lacks the widgets issue, stage'],
    [
      'a widget of another type',
      { widgets: [{ id: 'issue', type: 'number' }, second ?? { id: '', type: '' }, ...others] },
      'these widgets have another type: issue (number, not textarea)',
    ],
    [
      'a widget that is none of ours, and one of ours twice',
      { widgets: [...OURS, { id: 'widget17907391971', type: 'input' }, first ?? { id: '', type: '' }] },
      'it has extra widgets: widget17907391971, issue',
    ],
    ['a form that cannot be read', { widgets: undefined }, 'its form cannot be read'],
    [
      'all at once',
      {
        freeNodes: [{ key: 'theirs', requiresSignature: true }],
        widgets: [{ id: 'budget', type: 'number' }, ...OURS.slice(2)],
      },
      'it lacks the node frabit-approver with a chosen approver; it has other nodes with a chosen approver: theirs; it asks for a handwritten signature; it lacks the widgets issue, stage; it has extra widgets: budget',
    ],
  ])('%s', (_, found, says) => {
    expect(saying(found)).toBe(says);
  });

  it('names the first ten of many foreign widgets, without control characters', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ id: `\u001b[31mx${index}`, type: 'input' }));
    const says = saying({ widgets: [...OURS, ...many] });
    expect(says).toMatch(/: \[31mx0, .*\[31mx9, and 2 more$/);
    expect(saying({ widgets: [...OURS, { id: 'x'.repeat(500), type: 'input' }] })).toHaveLength(
      'it has extra widgets: '.length + 40,
    );
  });

  it('accepts an answer without nodes and form', () => {
    expect(saying({ widgets: [], namesNodes: false, freeNodes: [] })).toBe('FITS');
  });

  it('says nothing about nodes that the answer does not name', () => {
    expect(saying({ namesNodes: false, freeNodes: [] })).toBe('FITS');
    expect(saying({ namesNodes: false, freeNodes: [], widgets: others })).toBe(
      'it lacks the widgets issue, stage',
    );
  });
});

describe('what to do about it:', () => {
  const fixOf = (entry: MadeDefinition | undefined, changes: Partial<DefinitionChoice> = {}) => {
    const verdict = judge(LACKING, aChoice(entry, changes));
    return verdict.kind === 'UNFIT' ? verdict.fix : verdict.kind;
  };

  it('always how to overwrite it, and what is lost then', () => {
    expect(fixOf(undefined, NAMED)).toMatch(
      /--replace-definition.*replaceDefinition.*approvers, name, description, viewers \(.*\), rules and managers, and its form becomes ours\. This cannot be undone/,
    );
  });

  it.each([
    ['to have one made where none is remembered', undefined, /or without one to create one/],
    [
      'to use the remembered one',
      anEntry({ code: 'OTHER', made: true }),
      /or without one to use the present one/,
    ],
  ])('%s', (_, entry, says) => {
    expect(fixOf(entry, NAMED)).toMatch(says);
  });

  it('no save without a code if it would choose the same definition again', () => {
    expect(fixOf(anEntry({ made: false }))).not.toContain('or without one');
  });
});

describe('a definition that cannot be used at all', () => {
  const status = (name: string) => aDefinition({ status: name });
  const gone = { widgets: [], namesNodes: false, freeNodes: [] };

  it.each([
    ['disabled', status('INACTIVE'), 'is disabled.', /find the approval and click Enable/],
    [
      'deleted',
      aDefinition({ ...gone, status: 'DELETED' }),
      'is deleted in Feishu.',
      /Save again with the approval code of another/,
    ],
    [
      'in a state that we do not know',
      status('UNKNOWN'),
      'does not say that the approval definition is active.',
      /Enable/,
    ],
    [
      "unknown or another app's",
      undefined,
      'does not know the approval definition, or another app made it',
      /Copy the code again\. Only the app that made a definition can use it/,
    ],
  ])('%s: has its own message and fix, even with replaceDefinition', (_, found, says, fix) => {
    expect(judge(found, aChoice(undefined, { ...NAMED, replace: true }))).toEqual({
      kind: 'UNFIT',
      detail: expect.stringContaining(says),
      fix: expect.stringMatching(fix),
    });
  });

  it('is created again only if it is stored, not named, and deleted', () => {
    const entry = anEntry({ made: true });
    expect(judge(status('DELETED'), aChoice(entry))).toEqual({ kind: 'DELETED' });
    expect(judge(status('DELETED'), aChoice(entry, NAMED))).toMatchObject({ kind: 'UNFIT' });
    expect(judge(undefined, aChoice(entry))).toMatchObject({
      kind: 'UNFIT',
      fix: expect.stringContaining('let the app see it'),
    });
  });
});

describe('the candidates without a code', () => {
  const own = {
    CODE: anOwn(),
    NEWER: anOwn({ code: 'NEWER', createdAt: '2026-04-01T08:00:00.000Z' }),
    BEGUN: anOwn({ code: 'BEGUN', version: ABOUT_TO_OVERWRITE }),
    THEIRS: anOwn({ code: 'THEIRS', appId: 'cli_b' }),
  };

  it.each([
    ['the one in use, then ours, the newest first', anEntry({ code: 'USED' }), ['USED', 'NEWER', 'CODE']],
    ['each once', anEntry(), ['CODE', 'NEWER']],
    ['ours where none is in use', undefined, ['NEWER', 'CODE']],
  ])('is %s', (_, entry, codes) => {
    expect(candidatesOf(aChoice(entry, { own }))).toEqual(codes);
  });
});
