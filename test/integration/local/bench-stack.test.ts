import { expect, it } from 'vitest';
import { startOwnStack } from '../../../infra/local/bench/own-stack.ts';
import { openSimulator } from '../../../infra/local/simulators/feishu/control-client.ts';

it('does not affect other stacks, keeps its limits, and is gone after it is stopped', async () => {
  const stops: (() => Promise<void> | void)[] = [];
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const busy = { ...process.env, PORT: '1', FEISHU_SIMULATOR_PORT: '1', FEISHU_CALLS_PER_MINUTE: 'many' };
    const stack = await startOwnStack(busy, 10, { add: (stop) => void stops.push(stop) });
    const simulator = openSimulator(stack.simulatorUrl);
    expect(await simulator.instances()).toEqual([]);
    expect((await fetch(stack.dynamoDbUrl)).status).toBe(400);
    await stopAll();
    await expect(stack.failed).rejects.toThrow('The stack of the bench ended.');
    await expect(fetch(stack.dynamoDbUrl)).rejects.toThrow();
    await expect(simulator.instances()).rejects.toThrow();
  } finally {
    await stopAll();
  }
});

it('fails with the message of a stack that cannot start', async () => {
  const stops: (() => Promise<void> | void)[] = [];
  const starting = startOwnStack(process.env, 9, { add: (stop) => void stops.push(stop) });
  await expect(starting).rejects.toThrow(
    'The stack of the bench ended. FEISHU_CALLS_PER_MINUTE must be a whole number from 10 to 99999.',
  );
  for (const stop of stops.reverse()) await stop();
});
