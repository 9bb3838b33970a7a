import { randomInt, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { changeInstance, revoke } from './acts.ts';
import { readIdType } from './definition-rules.ts';
import { requireActive } from './definitions.ts';
import { startInstance } from './flow.ts';
import { readForm, valuesWithKeys } from './form-values.ts';
import {
  instanceBodySchema,
  readApprovers,
  readAutoApproved,
  readInitiator,
  requireCcPeople,
  requireTexts,
} from './instance-rules.ts';
import { showInstance } from './instance-view.ts';
import {
  definitionNotFound,
  instanceNotFound,
  invalidParameter,
  parseOrRefuse,
  Refusal,
  userNotFound,
} from './refusal.ts';
import { toLocale } from './texts.ts';
import type { Call, Instance, World } from './world.ts';

/** The API of approval instances (docs/feishu.md 3.3, 3.5, 3.7). */

export function createInstance(world: World, call: Call) {
  const body = parseOrRefuse(instanceBodySchema, call.body, invalidParameter);
  const definition = requireActive(world, body.approval_code);
  // Only a successful create uses its uuid up, for the whole tenant and for ever.
  if (body.uuid !== undefined && findByUuid(world, body.uuid)) throw new Refusal(400, 60012, 'uuid conflict');
  const initiator = readInitiator(world, body);
  const form = readForm(body.form, definition.widgets);
  const title = body.title === undefined ? [] : [body.title];
  const used = valuesWithKeys(form);
  const [refused] = world.switches.keysRefused ? used : [];
  if (refused) throw invalidParameter(`form: an i18n key is not allowed as a value, 控件=${refused.id}`);
  requireTexts(body.i18n_resources, [...title, ...used.map(({ key }) => key)]);
  requireCcPeople(world, body);

  const now = world.clock.now();
  const instance: Instance = {
    instanceCode: randomUUID().toUpperCase(),
    serialNumber: String(202600000000 + world.instances.size + 1),
    ...(body.uuid === undefined ? {} : { uuid: body.uuid }),
    definition,
    nodes: definition.nodes,
    widgets: definition.widgets,
    initiator,
    approvers: readApprovers(world, definition.nodes, body),
    autoApproved: readAutoApproved(definition.nodes, body),
    form,
    ...(body.title === undefined ? {} : { title: body.title }),
    resources: body.i18n_resources ?? [],
    forbidRevoke: body.forbid_revoke ?? false,
    status: 'PENDING',
    overtime: false,
    overtimeShownAs: 'PENDING',
    reverted: false,
    startTime: now,
    endTime: 0,
    at: 0,
    waiting: [],
    tasks: [],
    timeline: [],
    comments: [],
  };
  world.instances.set(instance.instanceCode, instance);
  if (body.uuid !== undefined) world.instancesByUuid.set(body.uuid.toLowerCase(), instance);
  world.announce(instance, startInstance(instance, { at: now, newTaskId }));
  return { data: { instance_code: instance.instanceCode } };
}

export const newTaskId = () => `7${Array.from({ length: 18 }, () => randomInt(10)).join('')}`;

const findByUuid = (world: World, uuid: string): Instance | undefined =>
  world.instancesByUuid.get(uuid.toLowerCase());

/** Finds an instance by its code, or by its uuid. */
export const findInstance = (world: World, codeOrUuid: string): Instance | undefined =>
  world.instances.get(codeOrUuid) ?? findByUuid(world, codeOrUuid);

export function getInstance(world: World, { params, query }: Call) {
  readIdType(query);
  const instance = findInstance(world, params.id ?? '');
  if (instance === undefined) throw instanceNotFound();
  const before = instance.before;
  const stale = before !== undefined && world.faults.take(['STALE_READ'], () => true) !== undefined;
  return { data: showInstance(world, stale ? before : instance, toLocale(query.get('locale'))) };
}

const cancelSchema = z.object({
  approval_code: z.string().min(1),
  instance_code: z.string().min(1),
  user_id: z.string().min(1),
});

/**
 * Only the initiator may cancel, with the right definition, an instance that is open or revocable (docs/feishu.md 3.7).
 */
export function cancelInstance(world: World, { query, body }: Call) {
  const idType = readIdType(query);
  const given = parseOrRefuse(cancelSchema, body, invalidParameter);
  if (!world.definitions.has(given.approval_code)) throw definitionNotFound();
  const instance = world.instances.get(given.instance_code);
  if (instance === undefined) throw instanceNotFound();
  if (instance.definition.approvalCode !== given.approval_code) throw definitionNotFound();
  const isBot = idType === 'open_id' && given.user_id === world.app.botOpenId;
  const by = isBot ? given.user_id : world.people.byId(idType, given.user_id)?.openId;
  if (by === undefined) throw userNotFound('user_id');
  if (by !== instance.initiator) throw world.undocumented.cancelByStranger();
  const changes = changeInstance(instance, () => revoke(instance, { at: world.clock.now(), newTaskId }));
  if (changes === undefined) throw world.undocumented.cancelFinished();
  world.announce(instance, changes);
  return {};
}
