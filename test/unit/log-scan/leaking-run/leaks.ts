import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { it } from 'vitest';
import { startFeishuSimulator } from '../../../../infra/local/simulators/feishu/server.ts';
import { createLogger } from '../../../../shared/runtime/logger.ts';
import { aTask } from '../../../support/issue.ts';

/** Only log-scan-run.test.ts starts this file. Its test passes, and the run must fail because of the leak. */
it('passes, although it prints a secret or SQL', async () => {
  const { app, close } = await startFeishuSimulator();
  const task = aTask({ statement: `DELETE FROM accounts WHERE id = '${randomUUID()}'` });
  switch (process.env.LEAK) {
    case 'on the console':
      console.log(app.appSecret);
      break;
    case 'in two writes':
      process.stdout.write(app.encryptKey.slice(0, 9));
      process.stdout.write(`${app.encryptKey.slice(9)}\n`);
      break;
    case 'in the log of a function':
      createLogger('a-function').info('a task', { task });
      break;
    case 'in a child process':
      await once(spawn('echo', [app.verificationToken]), 'close');
      break;
  }
  await close();
});
