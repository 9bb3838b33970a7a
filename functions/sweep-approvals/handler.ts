import middy from '@middy/core';
import { runSweep } from '../../shared/approval/run-sweep.ts';
import { currentRequestId, runAbout } from '../../shared/runtime/invocation.ts';
import { observed } from '../../shared/runtime/observed.ts';
import { dependencies } from './dependencies.ts';

/** Runs every minute. The hints that it sends carry the id of the run. */
export const handler = middy<unknown, void>().handler(
  observed(dependencies, (_: unknown, work) =>
    runAbout({ correlationId: currentRequestId() }, () => runSweep(work), { kind: 'OTHER' }),
  ),
);
