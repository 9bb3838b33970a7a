import { defineConfig } from 'vitest/config';
import whole from '../../../../vitest.config.ts';

/** The configuration of the whole run, with one file that other runs do not treat as a test. */
export default defineConfig({
  test: { ...whole.test, projects: undefined, include: ['test/unit/log-scan/leaking-run/leaks.ts'] },
});
