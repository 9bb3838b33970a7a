import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type FunctionName, PROJECT_ROOT } from '../../infra/aws/constructs/bundling.ts';
import { at, environmentOf, SynthesisedStack } from './synthesised-stack.ts';

/** The stack as `cdk synth` writes it to the disk, with bundles, outside of any package. */
export class SynthesisedAssets {
  private readonly directory = mkdtempSync(join(tmpdir(), 'frabit-assets-'));
  private readonly stack: SynthesisedStack;

  constructor() {
    const { status, stderr } = spawnSync(process.execPath, ['infra/aws/app.ts'], {
      cwd: PROJECT_ROOT,
      encoding: 'utf8',
      env: { ...process.env, CDK_OUTDIR: this.directory, CDK_CONTEXT_JSON: '{}' },
    });
    if (status !== 0) throw new Error(`the stack cannot be synthesised: ${stderr}`);
    const template = readFileSync(join(this.directory, 'FrabitImApproval.template.json'), 'utf8');
    this.stack = new SynthesisedStack(JSON.parse(template));
  }

  /** The file of a function's asset that contains its handler. */
  fileOf(name: FunctionName): string {
    const { Properties } = this.stack.function(name);
    const asset = at(Properties, 'Code', 'S3Key').replace(/\.zip$/, '');
    const [module = ''] = at(Properties, 'Handler').split('.');
    const found = ['mjs', 'js']
      .map((extension) => join(this.directory, `asset.${asset}`, `${module}.${extension}`))
      .find(existsSync);
    if (!found) throw new Error(`the asset of ${name} holds no ${module}`);
    return found;
  }

  /** The environment that the stack gives a function, with local names instead of references. */
  environmentOf(name: FunctionName, local: Record<string, string>): Record<string, string> {
    const entries = Object.entries(environmentOf(this.stack.function(name)));
    return Object.fromEntries(entries.map(([key, value]) => [key, local[value] ?? value]));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

const answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

/** Invokes a built function in its own process, with this environment only. */
export async function invokeAsset(
  file: string,
  environment: Record<string, string>,
  event: unknown,
): Promise<unknown> {
  const child = fork(fileURLToPath(new URL('invoke-asset.ts', import.meta.url)), [], {
    execArgv: [],
    env: environment,
    silent: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
  try {
    child.send({ file, event });
    const said = await Promise.race([
      once(child, 'message').then(([message]) => answer.parse(message)),
      once(child, 'exit').then(([code]): z.infer<typeof answer> => ({ ok: false, error: `exit ${code}` })),
    ]);
    if (!said.ok) throw new Error(`${said.error}\n${output}`);
    return said.result;
  } finally {
    child.kill();
  }
}
