import * as z from 'zod';

/** The control of a simulator over HTTP: routes below /simulator, JSON in and out. */

/** An act that a person cannot do now: the real page would not offer it. */
export class ActRefused extends Error {
  readonly status: number;
  readonly code: 'NOT_FOUND' | 'NOT_THE_APPROVER' | 'NOT_POSSIBLE' | 'UNKNOWN_PERSON';
  constructor(status: number, code: ActRefused['code'], message: string) {
    super(message);
    this.name = 'ActRefused';
    this.status = status;
    this.code = code;
  }
}

export interface ControlRequest {
  method: string;
  /** Below /simulator, decoded. */
  path: string;
  query: URLSearchParams;
  body: string;
}

/** Answers one control request, or throws: an ActRefused, or what its body's parser throws. */
export type ControlRoutes = (request: ControlRequest) => unknown;

/** Throws a SyntaxError for a body that is not JSON. An empty body is an empty object. */
export const parseBody = ({ body }: Pick<ControlRequest, 'body'>): unknown =>
  body === '' ? {} : JSON.parse(body);

export const noSuchRoute = ({ method, path }: Pick<ControlRequest, 'method' | 'path'>): ActRefused =>
  new ActRefused(404, 'NOT_FOUND', `no route ${method} /simulator${path}`);

/** What every simulator can be asked, whatever it simulates. */
interface CommonControl {
  calls(): unknown;
  resetCalls(): void;
  deliveries(): unknown;
  faults(): unknown;
  /** Ends every fault. */
  behave(): void;
}

/** The routes of `CommonControl`, by method and path. */
export function commonRoutes(control: CommonControl): Readonly<Record<string, () => unknown>> {
  return {
    'GET /calls': () => control.calls(),
    'POST /calls/reset'() {
      control.resetCalls();
      return control.calls();
    },
    'GET /events': () => ({ events: control.deliveries() }),
    'GET /misbehave': () => ({ faults: control.faults() }),
    'DELETE /misbehave'() {
      control.behave();
      return { faults: control.faults() };
    },
  };
}

/** Returns 200, or `{code, message}`: 400 for a malformed request, else the status of the ActRefused. */
export async function answerControl(
  routes: ControlRoutes,
  request: ControlRequest,
): Promise<{ status: number; body: unknown }> {
  try {
    return { status: 200, body: await routes(request) };
  } catch (error) {
    if (error instanceof ActRefused) {
      return { status: error.status, body: { code: error.code, message: error.message } };
    }
    if (error instanceof z.ZodError) {
      return { status: 400, body: { code: 'BAD_REQUEST', message: z.prettifyError(error) } };
    }
    if (error instanceof SyntaxError) {
      return { status: 400, body: { code: 'BAD_REQUEST', message: 'not JSON' } };
    }
    throw error;
  }
}
