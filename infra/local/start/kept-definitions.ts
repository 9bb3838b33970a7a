import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** The definition that a stack of this directory uses, by host and app: one made by API can never be deleted. */
export interface KeptCode {
  code: string;
  /** Made here, so that it may be overwritten. */
  made: boolean;
}

const keptSchema = z.record(
  z.string(),
  z.union([
    z.object({ code: z.string(), made: z.boolean() }),
    // As versions before wrote it, whoever made the definition.
    z.string().transform((code): KeptCode => ({ code, made: false })),
  ]),
);

export const FILE = 'definitions.json';

async function readAll(directory: string): Promise<Record<string, KeptCode>> {
  try {
    return keptSchema.parse(JSON.parse(await readFile(join(directory, FILE), 'utf8')));
  } catch {
    return {};
  }
}

/** The entry of one host and app. */
export function openKeptCode(directory: string, baseUrl: string, appId: string) {
  const key = `${new URL(baseUrl).host} ${appId}`;
  return {
    read: async (): Promise<KeptCode | undefined> => (await readAll(directory))[key],
    async write(kept: KeptCode): Promise<void> {
      const all = { ...(await readAll(directory)), [key]: kept };
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, FILE), `${JSON.stringify(all, null, 2)}\n`);
    },
  };
}
