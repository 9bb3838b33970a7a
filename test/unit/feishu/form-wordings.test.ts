import { describe, expect, it } from 'vitest';
import { buildInstanceForm } from '../../../shared/feishu/form/build-form.ts';
import type { FormKind } from '../../../shared/feishu/form/form-kind.ts';
import { FORM_WORDINGS } from '../../../shared/feishu/form/form-kind.ts';
import { buildTestForm } from '../../../shared/feishu/form/test-form.ts';
import { aTask } from '../../support/issue.ts';
import { allValues, readForm, textOfField, unescapeText } from './golden/read-form.ts';
import { aFormInput, SCENARIOS } from './golden/scenarios.ts';

const PLAIN: FormKind = { level: 'FULL', wording: 'PLAIN' };

describe('a form in plain texts', () => {
  it.each(Object.entries(SCENARIOS))('has no key, no title and no resources: %s', (_, input) => {
    const sent = buildInstanceForm(input, PLAIN);
    expect([sent.title, sent.i18nResources, sent.wording]).toEqual(['', [], 'PLAIN']);
    expect(sent.form).not.toContain('"@i18n@');
    expect(allValues(readForm(sent, 'en-US'))).toBe(allValues(readForm(sent, 'zh-CN')));
  });

  it('has foreign text once, between texts of both languages', () => {
    const seen = readForm(buildInstanceForm(aFormInput(), PLAIN), 'en-US');
    expect(textOfField(seen, 'tasks')).toContain('\n类型 Type：DDL\n实例 Instance：mysql-prod-1\n');
    for (const once of ['mysql-prod-1', 'ADD COLUMN note TEXT', 'Orders get a note', 'creator@example.com']) {
      expect(allValues(seen).split(once)).toHaveLength(2);
    }
  });

  it('quotes a text that looks like a key at the start of any value', () => {
    const key = '@i18n@value_issue';
    const input = aFormInput({
      issue: { issueId: key, title: key, projectId: key },
      stage: { title: key, environment: key, tasks: [aTask({ title: key, statement: key })] },
    });
    const seen = readForm(buildInstanceForm(input, PLAIN), 'zh-CN');
    for (const id of ['stage', 'environment', 'project']) expect(textOfField(seen, id)).toBe(`“${key}”`);
    for (const { value } of seen.fields) expect(value.startsWith('@i18n@')).toBe(false);
  });

  it('contains the same SQL as a form with keys', () => {
    const statement = 'SELECT "a\\b";\n\t▌\u202E\r\n-- 订单';
    const input = aFormInput({ stage: { tasks: [aTask({ statement })] } });
    const sql = textOfField(readForm(buildInstanceForm(input, PLAIN), 'zh-CN'), 'sql');
    expect(unescapeText(sql)).toContain(statement.replace('\r\n', '\n'));
  });
});

describe('the form of the test approval', () => {
  it.each(FORM_WORDINGS)('can be shown by Feishu: %s', (wording) => {
    const sent = buildTestForm(wording);
    expect(sent).toMatchObject({ level: 'FULL', wording, whole: true });
    const body = { form: sent.form, ...(wording === 'KEYS' && { t: sent.title, r: sent.i18nResources }) };
    expect(sent.bytes).toBeGreaterThan(Buffer.byteLength(JSON.stringify(body)));
    for (const [locale, nothing] of [
      ['zh-CN', '不会执行任何操作'],
      ['en-US', 'Nothing is run'],
    ] as const) {
      const seen = readForm(sent, locale);
      expect(seen.fields.map(({ id }) => id)).toEqual(['issue', 'reason']);
      expect(textOfField(seen, 'reason')).toContain(nothing);
    }
  });

  it('has keys by default', () => {
    expect(buildTestForm()).toEqual(buildTestForm('KEYS'));
    expect(buildTestForm().title).toBe('@i18n@instance_title');
  });
});
