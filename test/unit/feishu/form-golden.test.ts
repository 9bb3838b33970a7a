import { describe, expect, it } from 'vitest';
import { buildInstanceForm } from '../../../shared/feishu/form/build-form.ts';
import { printForm, readForm } from './golden/read-form.ts';
import { SCENARIOS } from './golden/scenarios.ts';

/**
 * The files are what an approver reads; look at them as one would. After a change on purpose:
 * `npx vitest run test/unit/feishu/form-golden.test.ts --update`, then read the difference.
 */
describe.each(Object.entries(SCENARIOS))('the form of %s', (name, input) => {
  it.each(['zh-CN', 'en-US'] as const)('reads in %s character by character as kept', async (locale) => {
    const seen = printForm(readForm(buildInstanceForm(input), locale));
    await expect(seen).toMatchFileSnapshot(`golden/${name}.${locale}.txt`);
  });
});
