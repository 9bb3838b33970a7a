import * as z from 'zod';
import {
  ActRefused,
  type ControlRequest,
  commonRoutes,
  noSuchRoute,
  parseBody,
} from '../kit/control-routes.ts';
import { type Apps, PLATFORMS } from './apps.ts';
import type { Simulator } from './control.ts';
import { callFaultSchema, eventFaultSchema, type Fault } from './faults.ts';
import { createLimitSchema, INSTANCE_SHAPES, REVOCATION_SHAPES } from './instance-switches.ts';
import { PERSON_STATES } from './people.ts';
import { DEFINITION_STATES } from './world.ts';

/** The control routes of the Feishu simulator, for the demo, the bench, the e2e tests and the inbox page. */

const email = z.string().min(1);
const comment = z.string().optional();
const deciding = z.object({ email, comment });

/** POST /simulator/instances/{code or uuid}/{act} returns the card after the act. */
const acts: Record<string, (control: Simulator, code: string, body: unknown) => unknown> = {
  approve: act(deciding, (control, code, body) => control.approve(code, body.email, body.comment)),
  reject: act(deciding, (control, code, body) => control.reject(code, body.email, body.comment)),
  transfer: act(deciding.extend({ to: email }), (control, code, body) =>
    control.transfer(code, body.email, body.to, body.comment),
  ),
  'add-signer': act(
    z.object({ email, signer: email, place: z.enum(['BEFORE', 'WITH', 'AFTER']).optional() }),
    (control, code, body) => control.addSigner(code, body.email, body.signer, body.place),
  ),
  rollback: act(deciding.extend({ to: z.enum(['NODE', 'INITIATOR']).optional() }), (control, code, body) =>
    control.rollback(code, body.email, body.comment, body.to),
  ),
  resubmit: act(z.object({}), (control, code) => control.resubmit(code)),
  withdraw: act(z.object({}), (control, code) => control.withdraw(code)),
  revert: act(z.object({}), (control, code) => control.revert(code)),
  delete: act(z.object({}), (control, code) => control.deleteInstance(code)),
  'overtime-close': act(
    z.object({ shownAs: z.enum(['PENDING', 'REJECTED']).optional() }),
    (control, code, body) => control.overtimeClose(code, body.shownAs),
  ),
  'overtime-recover': act(z.object({}), (control, code) => control.overtimeRecover(code)),
  'auto-pass': act(z.object({}), (control, code) => control.autoPass(code)),
  'auto-reject': act(z.object({}), (control, code) => control.autoReject(code)),
};

function act<T>(schema: z.ZodType<T>, run: (control: Simulator, code: string, body: T) => unknown) {
  return (control: Simulator, code: string, body: unknown) => run(control, code, schema.parse(body));
}

/** PUT /simulator/misbehave changes only the given members. A list replaces the one before, `[]` clears it. */
const misbehaveSchema = z.strictObject({
  calls: z.array(callFaultSchema).optional(),
  events: z.array(eventFaultSchema).optional(),
  scopes: z.array(z.string()).optional(),
  appEnabled: z.boolean().optional(),
  botEnabled: z.boolean().optional(),
  quotaUsedUp: z.boolean().optional(),
  eventsAdded: z.boolean().optional(),
  /** null resets it. */
  createLimit: createLimitSchema.nullable().optional(),
  keysRefused: z.boolean().optional(),
  instancesShownAs: z.enum(INSTANCE_SHAPES).optional(),
  revocationsSentAs: z.enum(REVOCATION_SHAPES).optional(),
  expireTokens: z.literal(true).optional(),
  people: z.record(z.string(), z.enum(PERSON_STATES)).optional(),
  definitions: z.record(z.string(), z.enum(DEFINITION_STATES)).optional(),
});

/** POST /simulator/rotate: the values to replace. */
const rotationSchema = z.strictObject({
  appSecret: z.literal(true).optional(),
  encryptKey: z.literal(true).optional(),
  verificationToken: z.literal(true).optional(),
});

function misbehave(control: Simulator, body: unknown): { faults: Fault[] } {
  const given = misbehaveSchema.parse(body);
  if (given.calls) control.clearFaults('calls');
  if (given.events) control.clearFaults('events');
  control.misbehave(...(given.calls ?? []), ...(given.events ?? []));
  if (given.scopes) control.setScopes(given.scopes);
  if (given.appEnabled !== undefined) control.setAppEnabled(given.appEnabled);
  if (given.botEnabled !== undefined) control.setBotEnabled(given.botEnabled);
  if (given.quotaUsedUp !== undefined) control.setQuotaUsedUp(given.quotaUsedUp);
  if (given.eventsAdded !== undefined) control.setEventsAdded(given.eventsAdded);
  if (given.createLimit !== undefined) control.setCreateLimit(given.createLimit ?? undefined);
  if (given.keysRefused !== undefined) control.setKeysRefused(given.keysRefused);
  if (given.instancesShownAs) control.setInstancesShownAs(given.instancesShownAs);
  if (given.revocationsSentAs) control.setRevocationsSentAs(given.revocationsSentAs);
  if (given.expireTokens) control.expireTokens();
  for (const [person, state] of Object.entries(given.people ?? {})) control.setPersonState(person, state);
  for (const [code, status] of Object.entries(given.definitions ?? {}))
    control.setDefinitionStatus(code, status);
  return { faults: control.faults() };
}

async function enterRequestUrl(control: Simulator, url: string | undefined): Promise<unknown> {
  if (url !== undefined) return control.enterRequestUrl(url);
  control.setEventUrl(undefined);
  return {};
}

async function route(control: Simulator, request: ControlRequest): Promise<unknown> {
  const { method, path, query } = request;
  const common = commonRoutes(control)[`${method} ${path}`];
  if (common) return common();
  switch (`${method} ${path}`) {
    case 'GET /inbox':
      return control.inbox(query.get('email') ?? undefined);
    case 'GET /instances':
      return { instances: control.instances() };
    case 'GET /messages':
      return { messages: control.messages() };
    case 'PUT /event-url':
      return enterRequestUrl(control, z.object({ url: z.url().optional() }).parse(parseBody(request)).url);
    case 'POST /verify-request-url':
      return control.verifyRequestUrl();
    case 'POST /rotate':
      return control.rotate(rotationSchema.parse(parseBody(request)));
    case 'PUT /misbehave':
      return misbehave(control, parseBody(request));
    default:
      return actOn(control, request);
  }
}

const appSchema = z.strictObject({ platform: z.enum(PLATFORMS).optional(), appName: z.string().optional() });

/** The routes below /simulator are those of the first app; below /simulator/apps/{appId} are those of each app. */
export const controlRoutes =
  (apps: Apps) =>
  (request: ControlRequest): unknown => {
    const { method, path } = request;
    switch (`${method} ${path}`) {
      case 'GET /apps':
        return { apps: apps.list().map(({ platform, tenant }) => ({ appId: tenant.app.appId, platform })) };
      case 'POST /apps': {
        const { platform, tenant } = apps.add(appSchema.parse(parseBody(request)));
        return { ...tenant.app, platform };
      }
    }
    const [, appId, below] = /^\/apps\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    if (appId === undefined) return route(apps.first.tenant.control, request);
    const app = apps.byId(appId);
    if (app === undefined) throw new ActRefused(404, 'NOT_FOUND', 'no such app');
    return route(app.tenant.control, { ...request, path: below ?? '/' });
  };

function actOn(control: Simulator, request: ControlRequest): unknown {
  const { method, path } = request;
  const [, root, code = '', name = '', ...rest] = path.split('/');
  if (root !== 'instances' || code === '' || rest.length > 0) throw noSuchRoute(request);
  if (method === 'GET' && name === '') {
    const card = control.instance(code);
    if (card === undefined) throw new ActRefused(404, 'NOT_FOUND', 'no such instance');
    return card;
  }
  const run = Object.hasOwn(acts, name) ? acts[name] : undefined;
  if (method !== 'POST' || run === undefined) throw noSuchRoute(request);
  return run(control, code, parseBody(request));
}
