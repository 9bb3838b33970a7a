import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../infra/local/config.ts';

describe('what a stack does at its start', () => {
  it.each([
    [{}, { enable: true, seed: true }],
    [{ SEED: '0' }, { enable: true, seed: false }],
    [{ ENABLE: '0' }, { enable: false, seed: false }],
    [
      { ENABLE: '0', SEED: '1' },
      { enable: false, seed: true },
    ],
    [{ ENABLE: '1' }, { enable: true, seed: true }],
  ])('with %j is %j', (env, expected) => {
    expect(readConfig(env)).toMatchObject(expected);
  });
});
