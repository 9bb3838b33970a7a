import { defineConfig } from 'vitest/config';
import whole from '../../../../vitest.config.ts';

/** As the whole run, but with one test file, which no other run takes for a test. */
export default defineConfig({
  test: { ...whole.test, projects: undefined, include: ['test/unit/log-scan/leaking-run/leaks.ts'] },
});
