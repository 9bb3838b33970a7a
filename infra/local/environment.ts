import { cannotStart } from '../command-problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a port of docs/contract.md 7. The demo and the bench find the running stack by the same variables. */
export function readPort(env: Environment, name: string, usual: number): number {
  const text = env[name];
  if (text === undefined || text === '') return usual;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw cannotStart(`${name} must be a port number from 1 to 65535.`);
  }
  return port;
}
