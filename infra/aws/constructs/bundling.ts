import { fileURLToPath } from 'node:url';
import { type BundlingOptions, Charset, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/** The functions, by folder. */
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
 * Everything is bundled, the AWS SDK in the version of the lockfile too: what was tested is what runs.
 * Sizes and contents are tested on the built assets (test/infra/assets.test.ts).
 */
export function bundlingOf(name: FunctionName): BundlingOptions {
  const base = { target: 'node24', minify: true, charset: Charset.UTF8, externalModules: [] };
  return FEISHU_CALLERS.includes(name)
    ? { ...base, format: OutputFormat.CJS }
    : // Without it the SDK's CommonJS build is taken, and dies at import with "Dynamic require of …".
      { ...base, format: OutputFormat.ESM, mainFields: ['module', 'main'] };
}
