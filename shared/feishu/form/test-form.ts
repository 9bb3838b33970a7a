import { bytesOfCreate, writeBody } from './body.ts';
import type { InstanceForm } from './build-form.ts';
import type { FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';

/** The form of the doctor's test approval: of the same definition, saying that nothing hangs on it. */
export function buildTestForm(wording: FormWording = 'KEYS'): InstanceForm {
  const texts = LANGUAGES[wording].map(({ words: { test } }) => ({
    title: test.title,
    values: new Map([
      ['issue', test.issue],
      ['reason', test.reason],
    ]),
  }));
  const body = writeBody(texts, wording);
  return { level: 'FULL', wording, ...body, bytes: bytesOfCreate(body), whole: true };
}
