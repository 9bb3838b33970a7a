import { bytesOfCreate, writeBody } from './body.ts';
import type { InstanceForm } from './build-form.ts';
import type { FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';

/** Builds the form of a test approval. It uses the same definition and says that it is only a test. */
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
