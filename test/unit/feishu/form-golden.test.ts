import { describe, expect, it } from 'vitest';
import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import type { FormKind } from '../../../shared/feishu/form/form-kind.ts';
import { printForm, readForm } from './golden/read-form.ts';
import { SCENARIOS, twoHundredTasks } from './golden/scenarios.ts';

const FULL: FormKind = { level: 'FULL', wording: 'KEYS' };
const { 'first-send': firstSend, 'sql-changed': sqlChanged } = SCENARIOS;

/**
 * The files are what an approver reads. Read them like one. After an intended change:
 * `npx vitest run test/unit/feishu/form-golden.test.ts --update`, then read the difference.
 */
const CARDS: [name: string, input: FormInput | undefined, kind: FormKind][] = [
  ...Object.entries(SCENARIOS).map(([name, input]): (typeof CARDS)[number] => [name, input, FULL]),
  ['200-tasks', twoHundredTasks, FULL],
  ['200-tasks.compact', twoHundredTasks, { level: 'COMPACT', wording: 'KEYS' }],
  ['200-tasks.minimal', twoHundredTasks, { level: 'MINIMAL', wording: 'KEYS' }],
  ['first-send.plain', firstSend, { level: 'FULL', wording: 'PLAIN' }],
  ['sql-changed.plain', sqlChanged, { level: 'FULL', wording: 'PLAIN' }],
  ['200-tasks.compact.plain', twoHundredTasks, { level: 'COMPACT', wording: 'PLAIN' }],
];

describe.each(CARDS)('the form of %s', (name, input, kind) => {
  const locales = kind.wording === 'PLAIN' ? (['zh-CN'] as const) : (['zh-CN', 'en-US'] as const);

  it.each(locales)('is in %s character by character as stored', async (locale) => {
    if (!input) throw new Error(`there is no scenario ${name}`);
    const seen = printForm(readForm(buildInstanceForm(input, kind), locale));
    const file = kind.wording === 'PLAIN' ? `${name}.txt` : `${name}.${locale}.txt`;
    await expect(seen).toMatchFileSnapshot(`golden/${file}`);
  });
});
