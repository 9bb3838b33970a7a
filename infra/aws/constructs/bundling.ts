import { fileURLToPath } from 'node:url';
import { type BundlingOptions, Charset, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/** The functions, by the names of their folders. */
export const FUNCTION_NAMES = [
  'watch-issues',
  'reconcile-issues',
  'sweep-approvals',
  'receive-feishu-events',
  'receive-external-events',
  'manage-settings',
  'publish-approval-events',
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** Bundled as CommonJS: the ESM build of the Feishu SDK does not bundle. */
export const FEISHU_CALLERS: readonly FunctionName[] = ['reconcile-issues', 'manage-settings'];

export const PROJECT_ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const entryOf = (name: FunctionName): string => `${PROJECT_ROOT}functions/${name}/handler.ts`;

/**
 * Bundles everything, also the AWS SDK in the version of the lockfile, so that the tested code is the code that runs.
 * test/infra/assets.test.ts checks sizes and contents of the built assets.
 */
export function bundlingOf(name: FunctionName): BundlingOptions {
  const base = { target: 'node24', minify: true, charset: Charset.UTF8, externalModules: [] };
  return FEISHU_CALLERS.includes(name)
    ? { ...base, format: OutputFormat.CJS }
    : // Otherwise esbuild takes the CommonJS build of the SDK, which fails at import with "Dynamic require of …".
      { ...base, format: OutputFormat.ESM, mainFields: ['module', 'main'] };
}
