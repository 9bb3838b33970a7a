import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** The definition that stacks of this directory use for one host and app: a new one could never be deleted. */
export interface KeptDefinition {
  code: string;
  /** Whether it was made here, and may be overwritten. */
  made: boolean;
}

const keptSchema = z.record(
  z.string(),
  z.union([
    z.object({ code: z.string(), made: z.boolean() }),
    // The format of earlier versions, which do not say who made the definition.
    z.string().transform((code): KeptDefinition => ({ code, made: false })),
  ]),
);

export const KEPT_DEFINITIONS_FILE = 'definitions.json';

async function readAll(directory: string): Promise<Record<string, KeptDefinition>> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(join(directory, KEPT_DEFINITIONS_FILE), 'utf8')));
  } catch {
    return {};
  }
}

/** Opens the entry of one host and app. */
export function openKeptDefinition(directory: string, baseUrl: string, appId: string) {
  const key = `${new URL(baseUrl).host} ${appId}`;
  return {
    read: async (): Promise<KeptDefinition | undefined> => (await readAll(directory))[key],
    async write(kept: KeptDefinition): Promise<void> {
      const all = { ...(await readAll(directory)), [key]: kept };
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, KEPT_DEFINITIONS_FILE), `${JSON.stringify(all, null, 2)}\n`);
    },
  };
}
