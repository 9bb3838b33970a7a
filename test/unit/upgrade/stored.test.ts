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

describe.each(RELEASES)('an upgrade from %s', (version) => {
  const release = releaseSchema.parse(readRelease(version, 'stored.json'));

  it.each(Object.keys(release))('keeps the members, types and rules of %s', (name) => {
    const present = PRESENT.get(name);
    expect(present && differences(release[name]?.schema, storedJsonSchema(present), 'STORED')).toEqual([]);
  });

  it.each(Object.keys(release))('reads stored data of %s completely', (name) => {
    const sample = release[name]?.sample;
    const present = PRESENT.get(name);
    // An added member may have a default.
    expect(present && z.parse(present, sample)).toMatchObject(Object(sample));
  });

  it.each(Object.keys(release))('writes data of %s that the earlier version accepts', (name) => {
    const present = PRESENT.get(name);
    const ajv = new ajv2020.Ajv2020({ strict: false });
    expect(present && ajv.validate(release[name]?.schema ?? {}, sampleOf(present))).toBe(true);
  });
});
