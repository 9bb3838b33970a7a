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

/** What the demo and the bench do at the Feishu simulator, as people would: read the inbox, tap on a card. */
export interface SimulatorClient {
  inbox(email: string): Promise<z.infer<typeof inboxSchema>>;
  approve(instanceCode: string, email: string): Promise<void>;
  reject(instanceCode: string, email: string, comment: string): Promise<void>;
  /** Every card there is, of whatever state. */
  instances(): Promise<Card[]>;
  /** Calls, and those of them that were refused, by the simulator's name of the endpoint, such as `createInstance`. */
  calls(): Promise<z.infer<typeof callsSchema>>;
  resetCalls(): Promise<void>;
  /** From now on Feishu takes so long for each answer. */
  answerAfter(milliseconds: number): Promise<void>;
}

/** Of the first app, unless another is named. Every method rejects with an Error whose message is a sentence. */
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
