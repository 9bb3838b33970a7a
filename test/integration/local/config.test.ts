import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../infra/local/start/config.ts';

describe('what a stack does when it starts', () => {
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

describe('the port of the OA simulator', () => {
  it.each([
    ['3002 if it is free', {}, { port: 3002, elseAny: true }],
    ['any, if another part is to have 3002', { PORT: '3002' }, { port: 0, elseAny: true }],
    ['any port if the others take any', { PORT: '0' }, { port: 0, elseAny: true }],
    ['only the one that is set', { OA_SIMULATOR_PORT: '4002' }, { port: 4002, elseAny: false }],
    ['any port if 0 is set', { OA_SIMULATOR_PORT: '0' }, { port: 0, elseAny: false }],
  ])('is %s', (_what, env, oaPort) => {
    expect(readConfig(env)).toMatchObject({ oaPort });
  });

  it('must differ from the ports of other parts', () => {
    expect(() => readConfig({ OA_SIMULATOR_PORT: '3000' })).toThrow(
      'PORT and OA_SIMULATOR_PORT are both 3000: set one of them to another port.',
    );
  });
});
