import { FeishuError } from '../../shared/feishu/errors.ts';
import type { FeishuGateway, FeishuInstance } from '../../shared/feishu/gateway.ts';
import { readCard } from './card.ts';
import type { FeishuEvent, Instance, InstanceTask, TimelineEntry } from './state.ts';

/**
 * A small Feishu of plain data, which is part of a state: one definition, one node with one approver. `feishu.test.ts`
 * compares it with the simulated tenant. An approved instance can be revoked, as with a definition that a team made
 * itself. Our own definition forbids this, but the product must not rely on it.
 */
export interface SmallFeishu {
  instances: readonly Instance[];
  events: readonly FeishuEvent[];
}

export const DEFINITION = 'EXPLORED-DEFINITION';
export const BOT = 'ou_bot';
export const PEOPLE = {
  'creator@example.com': 'ou_creator',
  'assignee@example.com': 'ou_assignee',
  'stranger@example.com': 'ou_stranger',
} as const satisfies Record<string, string>;

/** Returns the present time in ISO 8601. */
type Clock = () => string;
/** Runs one call. It can interrupt before and after the call. */
export type Call = <T>(what: string, kind: 'READ' | 'WRITE', run: () => T) => Promise<T>;

/** Returns the gateway through which the product calls this Feishu. */
export function createGateway(feishu: SmallFeishu, at: Clock, call: Call): FeishuGateway {
  const find = (codeOrUuid: string) =>
    feishu.instances.find(({ code, uuid }) => code === codeOrUuid || uuid === codeOrUuid.toLowerCase());
  return {
    findPeople: async (_, emails) =>
      new Map(
        emails.flatMap((email) => {
          const found = Object.entries(PEOPLE).find(([known]) => known === email.toLowerCase());
          return found ? [found] : [];
        }),
      ),
    createInstance: (_, request) =>
      call('create', 'WRITE', () => {
        if (find(request.uuid))
          throw new FeishuError('UUID_CONFLICT', 'uuid conflict', { feishuCode: 60012 });
        if (request.definitionCode !== DEFINITION) throw refused(1390002);
        const code = `INSTANCE-${feishu.instances.length + 1}`;
        const created: Instance = {
          code,
          uuid: request.uuid.toLowerCase(),
          definitionCode: request.definitionCode,
          initiator: request.initiator,
          approver: request.approver,
          card: readCard(request),
          status: 'PENDING',
          reverted: false,
          tasks: [],
          timeline: [{ type: 'START', openId: request.initiator, at: at() }],
          comments: [],
          eventCount: 0,
        };
        feishu.instances = [...feishu.instances, created];
        change(feishu, code, ask(created, request.approver), ['PENDING']);
        return { instanceCode: code };
      }),
    getInstance: (_, codeOrUuid) =>
      call('get', 'READ', () => {
        const found = find(codeOrUuid);
        return found && instanceIn(found);
      }),
    cancelInstance: (_, { definitionCode, instanceCode, initiator }) =>
      call('cancel', 'WRITE', () => {
        const found = feishu.instances.find(({ code }) => code === instanceCode);
        if (!found) throw refused(1390003);
        if (definitionCode !== found.definitionCode) throw refused(1390002);
        if (initiator !== found.initiator) throw refused(1390009);
        if (!cancel(feishu, found, at())) throw refused(1390001);
      }),
    addComment: (_, { instanceCode, text }) =>
      call('comment', 'WRITE', () => {
        const found = find(instanceCode);
        if (!found) throw refused(1390003);
        change(feishu, found.code, { comments: [...found.comments, text] }, []);
      }),
    sendMessage: () => call('message', 'WRITE', () => undefined),
  };
}

const refused = (feishuCode: number): FeishuError =>
  new FeishuError('REFUSED', `Feishu refused with ${feishuCode}.`, { feishuCode, httpStatus: 400 });

const instanceIn = ({
  code,
  card: _,
  approver: __,
  eventCount: ___,
  tasks,
  timeline,
  comments,
  ...rest
}: Instance) =>
  ({
    ...rest,
    instanceCode: code,
    tasks: tasks.map((task) => ({ ...task, type: 'AND', customNodeId: 'frabit-approver' })),
    timeline: [...timeline],
    comments: [...comments],
  }) satisfies FeishuInstance;

/** What people do in Feishu. Each function returns false if the page does not offer it. */
export const inbox = {
  approve: (feishu: SmallFeishu, code: string, at: string): boolean =>
    decide(feishu, code, { status: 'APPROVED', entry: 'PASS' }, at),
  reject: (feishu: SmallFeishu, code: string, at: string): boolean =>
    decide(feishu, code, { status: 'REJECTED', entry: 'REJECT' }, at),
  transfer(feishu: SmallFeishu, code: string, at: string, to: string): boolean {
    const open = openTaskOf(feishu, code);
    if (!open) return false;
    const { instance, task } = open;
    const closed = instance.tasks.map((one) =>
      one === task ? { ...one, status: 'TRANSFERRED' as const } : one,
    );
    const transferred = { ...instance, tasks: closed };
    const timeline = [...instance.timeline, { type: 'TRANSFER', openId: task.openId, taskId: task.id, at }];
    change(feishu, code, { ...ask(transferred, to), timeline }, ['TRANSFERRED']);
    return true;
  },
  /** The initiator withdraws an open instance. */
  withdraw(feishu: SmallFeishu, code: string, at: string): boolean {
    const found = feishu.instances.find((one) => one.code === code);
    return found?.status === 'PENDING' && cancel(feishu, found, at);
  },
};

function decide(
  feishu: SmallFeishu,
  code: string,
  { status, entry }: { status: 'APPROVED' | 'REJECTED'; entry: string },
  at: string,
): boolean {
  const open = openTaskOf(feishu, code);
  if (!open) return false;
  const { instance, task } = open;
  const tasks = instance.tasks.map((one) => (one === task ? { ...one, status } : one));
  const timeline = [...instance.timeline, { type: entry, openId: task.openId, taskId: task.id, at }];
  change(feishu, code, { status, tasks, timeline }, [status]);
  return true;
}

function openTaskOf({ instances }: SmallFeishu, code: string) {
  const instance = instances.find((one) => one.code === code && one.status === 'PENDING');
  const task = instance?.tasks.find(({ status }) => status === 'PENDING');
  return instance && task && { instance, task };
}

/**
 * Cancels an instance (docs/feishu.md 3.7). An open one becomes CANCELED. An approved one goes back to "in approval".
 * Any other one stays as it is, and the function returns false.
 */
function cancel(feishu: SmallFeishu, instance: Instance, at: string): boolean {
  const { code, initiator, status, timeline } = instance;
  const tasks = instance.tasks.map((task) => closed(task, status));
  const canceled: TimelineEntry[] = [...timeline, { type: 'CANCEL', openId: initiator, at }];
  switch (status) {
    case 'PENDING':
      change(feishu, code, { status: 'CANCELED', tasks, timeline: canceled }, ['CANCELED']);
      return true;
    case 'APPROVED': {
      const reopened: Instance = { ...instance, status: 'PENDING', reverted: true, tasks };
      const again = { ...ask(reopened, instance.approver), timeline: canceled };
      change(feishu, code, { status: 'PENDING', reverted: true, ...again }, ['REVERTED']);
      return true;
    }
    default:
      return false;
  }
}

const closed = (task: InstanceTask, status: Instance['status']): InstanceTask =>
  task.status === (status === 'APPROVED' ? 'APPROVED' : 'PENDING') ? { ...task, status: 'DONE' } : task;

const ask = ({ code, tasks }: Instance, openId: string): Pick<Instance, 'tasks'> => ({
  tasks: [...tasks, { id: `${code}-task-${tasks.length + 1}`, openId, status: 'PENDING' }],
});

/**
 * Applies changes and adds their events. Of the events about tasks only a transfer is needed: others repeat the
 * instance's.
 */
function change(
  feishu: SmallFeishu,
  code: string,
  changes: Partial<Instance>,
  statuses: readonly string[],
): void {
  feishu.instances = feishu.instances.map((instance) => {
    if (instance.code !== code) return instance;
    const eventCount = instance.eventCount + statuses.length;
    feishu.events = [
      ...feishu.events,
      ...statuses.map((status, at): FeishuEvent => {
        const event = {
          eventId: `${code}-event-${instance.eventCount + at + 1}`,
          instanceCode: code,
          status,
        };
        return status === 'TRANSFERRED'
          ? { ...event, about: 'TASK' }
          : { ...event, about: 'INSTANCE', uuid: instance.uuid };
      }),
    ];
    return { ...instance, ...changes, eventCount };
  });
}
