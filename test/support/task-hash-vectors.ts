import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type Task, taskSchema } from '../../shared/issue/record.ts';

const about = { what: z.string(), task: taskSchema, sha256: z.string() };
const vectorSchema = z.union([
  z.strictObject({ ...about, hashed: z.string() }),
  z.strictObject({
    ...about,
    task: taskSchema.safeExtend({ statement: z.string() }),
    statementTimes: z.int(),
    hashedBytes: z.int(),
  }),
]);

export interface TaskHashVector {
  what: string;
  /** The task with its full statement. */
  task: Task;
  /** The text that is hashed; if it is long, its length in UTF-8 bytes. */
  hashed: string | number;
  sha256: string;
}

export const VECTORS_FILE = new URL('../../docs/examples/task-hash.json', import.meta.url);

/** The published test vectors of the task hash. */
export const taskHashVectors: readonly TaskHashVector[] = z
  .object({ vectors: z.array(vectorSchema) })
  .parse(JSON.parse(readFileSync(VECTORS_FILE, 'utf8')))
  .vectors.map((vector) => {
    const { what, task, sha256 } = vector;
    if ('hashed' in vector) return { what, task, sha256, hashed: vector.hashed };
    const statement = vector.task.statement.repeat(vector.statementTimes);
    return { what, task: { ...task, statement }, sha256, hashed: vector.hashedBytes };
  });
