/**
 * Calls the control routes below `base`. The returned function resolves to the JSON of the answer, or rejects with an
 * Error whose message is a sentence; `simulator` names the simulator there.
 */
export const controlCaller =
  (base: string, simulator: string) =>
  async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${base}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(`${simulator} answered ${response.status} to ${method} ${path}.`);
    return response.json();
  };
