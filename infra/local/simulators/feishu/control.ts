import { ActRefused } from '../kit/control-routes.ts';
import {
  addSigner,
  changeInstance,
  closeOvertime,
  deleteInstance,
  type RollbackTarget,
  recoverOvertime,
  resubmit,
  revoke,
  rollBack,
  type SignerPlace,
  transferTask,
} from './acts.ts';
import { createSwitches, type Switches } from './control-switches.ts';
import type { Delivery } from './delivery.ts';
import { approveTask, decideAutomatically, type Moment, openTasks, rejectTask } from './flow.ts';
import type { CallCounts } from './gateway.ts';
import { type Card, findCard, type Inbox, readInbox, toCard } from './inbox.ts';
import { findInstance, newTaskId } from './instances.ts';
import type { AppKeys, Rotation } from './keys.ts';
import type { Definition, Instance, SentMessage, StatusChange, Task, World } from './world.ts';

/** What people and operators do with the tenant, also as routes below /simulator. `code`: instance code or uuid. */
export interface Simulator extends Switches {
  approve(code: string, email: string, comment?: string): Card;
  reject(code: string, email: string, comment?: string): Card;
  transfer(code: string, email: string, to: string, comment?: string): Card;
  addSigner(code: string, email: string, signer: string, place?: SignerPlace): Card;
  rollback(code: string, email: string, comment?: string, to?: RollbackTarget): Card;
  /** The initiator resubmits an instance that was sent back to them. */
  resubmit(code: string): Card;
  /** The initiator withdraws an open instance. */
  withdraw(code: string): Card;
  /** The initiator reopens an approved instance, if the definition allows it. */
  revert(code: string): Card;
  deleteInstance(code: string): Card;
  overtimeClose(code: string, shownAs?: Instance['overtimeShownAs']): Card;
  overtimeRecover(code: string): Card;
  autoPass(code: string): Card;
  autoReject(code: string): Card;

  inbox(email?: string): Inbox;
  instances(): Card[];
  instance(code: string): Card | undefined;
  definitions(): Definition[];
  messages(): SentMessage[];
  calls(): CallCounts;
  resetCalls(): void;
  deliveries(): Delivery[];

  setEventUrl(url: string | undefined): void;
  /** Sends the unsigned challenge, as the console does when the request URL is saved. */
  verifyRequestUrl(url?: string): Promise<{ ok: boolean; detail: string }>;
  /** Enters a request URL in the console, which keeps it only if the challenge is answered (docs/feishu.md 5). */
  enterRequestUrl(url: string): Promise<{ ok: boolean; detail: string }>;

  /** Replaces these values from now on; issued tokens stay valid. Returns all four values. */
  rotate(which: Rotation): AppKeys;

  /**
   * Sets the status of a definition, as only the admin console can, and not for one made by API. Unless it is ACTIVE, its
   * open instances end DELETED (docs/feishu.md 4.1).
   */
  setDefinitionStatus(approvalCode: string, status: Definition['status']): void;
}

interface ControlParts {
  world: World;
  counts: () => CallCounts;
  resetCounts: () => void;
  deliveries: () => Delivery[];
  setEventUrl: (url: string | undefined) => void;
  verifyRequestUrl: Simulator['verifyRequestUrl'];
  rotate: Simulator['rotate'];
}

export function createControl({ world, ...parts }: ControlParts): Simulator {
  const moment = (): Moment => ({ at: world.clock.now(), newTaskId });
  const find = (code: string): Instance => {
    const instance = findInstance(world, code);
    if (instance === undefined) throw new ActRefused(404, 'NOT_FOUND', 'no such instance');
    return instance;
  };

  function act(instance: Instance, run: (now: Moment) => StatusChange[] | undefined): Card {
    const changes = changeInstance(instance, () => run(moment()));
    if (changes === undefined) throw notPossible(instance);
    world.announce(instance, changes);
    return toCard(world, instance);
  }

  /** Only the owner of a pending task of an open instance may act. */
  function actAs(
    code: string,
    email: string,
    run: (instance: Instance, task: Task, now: Moment) => StatusChange[],
    isDecision = false,
  ): Card {
    const instance = find(code);
    const person = requirePerson(email);
    if (instance.status !== 'PENDING' || instance.overtime) throw notPossible(instance);
    const task = openTasks(instance).find(({ openId }) => openId === person);
    if (task === undefined) throw new ActRefused(403, 'NOT_THE_APPROVER', `no task waits for ${email}`);
    if (isDecision && world.faults.take(['LOSE_DECISION'], () => true)) return toCard(world, instance);
    return act(instance, (now) => run(instance, task, now));
  }

  function requirePerson(email: string): string {
    const person = world.people.byEmail(email);
    if (person === undefined || person.state === 'RESIGNED' || person.state === 'FROZEN') {
      throw new ActRefused(404, 'UNKNOWN_PERSON', `there is no person ${email}`);
    }
    return person.openId;
  }

  const whileOpen = (code: string, run: (instance: Instance, now: Moment) => StatusChange[]): Card => {
    const instance = find(code);
    if (instance.status !== 'PENDING' || instance.overtime) throw notPossible(instance);
    return act(instance, (now) => run(instance, now));
  };

  return {
    ...createSwitches(world),
    approve: (code, email, comment) =>
      actAs(code, email, (instance, task, now) => approveTask(instance, task, now, comment), true),
    reject: (code, email, comment) =>
      actAs(code, email, (instance, task, now) => rejectTask(instance, task, now, comment), true),
    transfer: (code, email, to, comment) =>
      actAs(code, email, (instance, task, now) =>
        transferTask(instance, task, requirePerson(to), now, comment),
      ),
    addSigner: (code, email, signer, place = 'WITH') =>
      actAs(code, email, (instance, task, now) =>
        addSigner(instance, task, requirePerson(signer), place, now),
      ),
    rollback: (code, email, comment, to) =>
      actAs(code, email, (instance, task, now) => rollBack(instance, task, now, comment, to)),
    resubmit: (code) => whileOpen(code, (instance, now) => resubmit(instance, now) ?? refuseAct(instance)),
    withdraw: (code) => whileOpen(code, (instance, now) => revoke(instance, now) ?? refuseAct(instance)),
    revert(code) {
      const instance = find(code);
      if (instance.status !== 'APPROVED') throw notPossible(instance);
      return act(instance, (now) => revoke(instance, now));
    },
    deleteInstance: (code) => whileOpen(code, deleteInstance),
    overtimeClose: (code, shownAs) =>
      whileOpen(code, (instance, now) => closeOvertime(instance, now, shownAs)),
    overtimeRecover(code) {
      const instance = find(code);
      if (!instance.overtime) throw notPossible(instance);
      return act(instance, (now) => recoverOvertime(instance, now));
    },
    autoPass: (code) => whileOpen(code, (instance, now) => decideAutomatically(instance, 'AUTO_PASS', now)),
    autoReject: (code) =>
      whileOpen(code, (instance, now) => decideAutomatically(instance, 'AUTO_REJECT', now)),

    inbox: (email) => readInbox(world, email),
    instances: () => [...world.instances.values()].map((instance) => toCard(world, instance)),
    instance: (code) => findCard(world, code),
    definitions: () => [...world.definitions.values()],
    messages: () => [...world.messages],
    calls: parts.counts,
    resetCalls: parts.resetCounts,
    deliveries: parts.deliveries,
    setEventUrl: parts.setEventUrl,
    verifyRequestUrl: parts.verifyRequestUrl,
    async enterRequestUrl(url) {
      const verified = await parts.verifyRequestUrl(url);
      if (verified.ok) parts.setEventUrl(url);
      return verified;
    },
    rotate: parts.rotate,

    setDefinitionStatus(approvalCode, status) {
      const definition = world.definitions.get(approvalCode);
      if (definition === undefined) throw new ActRefused(404, 'NOT_FOUND', 'no such definition');
      definition.status = status;
      if (status === 'ACTIVE') return;
      const open = [...world.instances.values()].filter(
        (instance) => instance.definition.approvalCode === approvalCode && instance.status === 'PENDING',
      );
      for (const instance of open) act(instance, (now) => deleteInstance(instance, now));
    },
  };
}

const notPossible = (instance: Instance) =>
  new ActRefused(
    409,
    'NOT_POSSIBLE',
    `the instance is ${instance.overtime ? 'closed by a time limit' : instance.status}`,
  );
const refuseAct = (instance: Instance): never => {
  throw notPossible(instance);
};
