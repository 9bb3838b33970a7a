import { fileURLToPath } from 'node:url';
import { type BundlingOptions, Charset, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/** The functions by folder name, with the module format of their bundles. */
export const FUNCTION_FORMATS = {
  'watch-issues': 'esm',
  'receive-feishu-events': 'esm',
  'sweep-approvals': 'esm',
  'publish-approval-events': 'esm',
  // The ESM build of the Feishu SDK does not bundle.
  'reconcile-issues': 'cjs',
  'manage-settings': 'cjs',
} as const satisfies Record<string, 'esm' | 'cjs'>;
export type FunctionName = keyof typeof FUNCTION_FORMATS;

export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const entryOf = (name: FunctionName): string => `${PROJECT_ROOT}functions/${name}/handler.ts`;

/**
 * Everything is bundled, the AWS SDK in the version of the lockfile too: what was tested is what runs.
 * Sizes and contents are tested on the built assets (test/infra/assets.test.ts).
 */
export function bundlingOf(name: FunctionName): BundlingOptions {
  const base = { target: 'node24', minify: true, charset: Charset.UTF8, externalModules: [] };
  return FUNCTION_FORMATS[name] === 'cjs'
    ? { ...base, format: OutputFormat.CJS }
    : // Without it the SDK's CommonJS build is taken, and dies at import with "Dynamic require of …".
      { ...base, format: OutputFormat.ESM, mainFields: ['module', 'main'] };
}
