import * as z from 'zod';

const cardSchema = z.object({
  instanceCode: z.string(),
  uuid: z.string().nullable(),
  status: z.string(),
  form: z.array(z.object({ value: z.object({ 'en-US': z.string() }) })),
});
const callsSchema = z.object({ calls: z.record(z.string(), z.number()) });
const inboxSchema = z.object({ pending: z.array(cardSchema), decided: z.array(cardSchema) });

export type Card = z.infer<typeof cardSchema>;

/** What the demo and the bench do at the Feishu simulator, as people would: read the inbox, tap on a card. */
export interface SimulatorClient {
  inbox(email: string): Promise<z.infer<typeof inboxSchema>>;
  approve(instanceCode: string, email: string): Promise<void>;
  reject(instanceCode: string, email: string, comment: string): Promise<void>;
  /** Answered calls by the simulator's name of the endpoint, such as `createInstance`. */
  calls(): Promise<Record<string, number>>;
  resetCalls(): Promise<void>;
}

/** Every method rejects with an Error whose message is a sentence. */
export function openSimulator(url: string): SimulatorClient {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${url}/simulator${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(`The simulator answered ${response.status} to ${method} ${path}.`);
    return response.json();
  }
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
    calls: async () => callsSchema.parse(await call('GET', '/calls')).calls,
    resetCalls: async () => {
      await call('POST', '/calls/reset');
    },
  };
}
