import ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { RELEASES, readRelease, storedJsonSchema } from '../../fixtures/releases.ts';
import { readStoredSchemas, sampleOf } from '../../support/stored-schemas.ts';
import { differences } from './compare-schemas.ts';

const PRESENT = await readStoredSchemas();
const releaseSchema = z.record(
  z.string(),
  z.object({ schema: z.record(z.string(), z.unknown()), sample: z.unknown() }),
);

describe.each(RELEASES)('what %s stored, and what it can read', (version) => {
  const release = releaseSchema.parse(readRelease(version, 'stored.json'));

  it.each(Object.keys(release))('%s keeps its members, types and rules', (name) => {
    const present = PRESENT.get(name);
    expect(present && differences(release[name]?.schema, storedJsonSchema(present), 'STORED')).toEqual([]);
  });

  it.each(Object.keys(release))('%s is read with all that was stored', (name) => {
    const sample = release[name]?.sample;
    const present = PRESENT.get(name);
    // A member that was added since may have a default.
    expect(present && z.parse(present, sample)).toMatchObject(Object(sample));
  });

  it.each(Object.keys(release))('%s of this version is valid there', (name) => {
    const present = PRESENT.get(name);
    const ajv = new ajv2020.Ajv2020({ strict: false });
    expect(present && ajv.validate(release[name]?.schema ?? {}, sampleOf(present))).toBe(true);
  });
});
