import * as z from 'zod';
import { controlCaller } from '../kit/control-client.ts';

const cardSchema = z.object({
  instanceCode: z.string(),
  uuid: z.string().nullable(),
  status: z.string(),
  form: z.array(z.object({ value: z.object({ 'en-US': z.string() }) })),
  approvers: z.array(z.object({ email: z.string().nullable() })),
});
const countsSchema = z.record(z.string(), z.number());
const callsSchema = z.object({ calls: countsSchema, refused: countsSchema });
const inboxSchema = z.object({ pending: z.array(cardSchema), decided: z.array(cardSchema) });

export type Card = z.infer<typeof cardSchema>;

/** What people do in the Feishu simulator, for the demo and the bench: read the inbox, decide a card. */
export interface SimulatorClient {
  inbox(email: string): Promise<z.infer<typeof inboxSchema>>;
  approve(instanceCode: string, email: string): Promise<void>;
  reject(instanceCode: string, email: string, comment: string): Promise<void>;
  /** All cards, in any state. */
  instances(): Promise<Card[]>;
  /** All calls and the refused ones, by the name of the endpoint, such as `createInstance`. */
  calls(): Promise<z.infer<typeof callsSchema>>;
  resetCalls(): Promise<void>;
  /** Delays every answer from now on. */
  answerAfter(milliseconds: number): Promise<void>;
}

/** Opens the control of an app, by default the first one. Methods reject with an Error whose message is a sentence. */
export function openSimulator(url: string, appId?: string): SimulatorClient {
  const base = `${url}/simulator${appId === undefined ? '' : `/apps/${appId}`}`;
  const call = controlCaller(base, 'The simulator');
  const act = (instanceCode: string, name: string, body: unknown) =>
    call('POST', `/instances/${encodeURIComponent(instanceCode)}/${name}`, body);

  return {
    inbox: async (email) => inboxSchema.parse(await call('GET', `/inbox?email=${encodeURIComponent(email)}`)),
    approve: async (instanceCode, email) => {
      await act(instanceCode, 'approve', { email });
    },
    reject: async (instanceCode, email, comment) => {
      await act(instanceCode, 'reject', { email, comment });
    },
    instances: async () =>
      z.object({ instances: z.array(cardSchema) }).parse(await call('GET', '/instances')).instances,
    calls: async () => callsSchema.parse(await call('GET', '/calls')),
    resetCalls: async () => {
      await call('POST', '/calls/reset');
    },
    answerAfter: async (milliseconds) => {
      await call('PUT', '/misbehave', { calls: [{ kind: 'SLOW', ms: milliseconds }] });
    },
  };
}
