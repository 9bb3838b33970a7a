import { FeishuError } from '../../shared/feishu/errors.ts';
import type { FeishuGateway, FeishuInstance } from '../../shared/feishu/gateway.ts';
import { readCard } from './card.ts';
import type { FeishuEvent, Instance, InstanceTask, TimelineEntry } from './state.ts';

/**
 * A small Feishu of plain data, which a state can hold: one definition, one node with one approver. What it does is
 * held against the simulated tenant by `feishu.test.ts`. An approved instance can be revoked, as with a definition
 * that a team made itself: our own one forbids it, and the product must not rely on that.
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

/** `ISO` of now. */
type Clock = () => string;
/** Carries out one call, which may be interrupted before or after it. */
export type Call = <T>(what: string, kind: 'READ' | 'WRITE', carryOut: () => T) => Promise<T>;

/** What the product sees of it. */
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
          told: 0,
        };
        feishu.instances = [...feishu.instances, created];
        change(feishu, code, ask(created, request.approver), ['PENDING']);
        return { instanceCode: code };
      }),
    getInstance: (_, codeOrUuid) =>
      call('get', 'READ', () => {
        const found = find(codeOrUuid);
        return found && shown(found);
      }),
    cancelInstance: (_, { definitionCode, instanceCode, initiator }) =>
      call('cancel', 'WRITE', () => {
        const found = feishu.instances.find(({ code }) => code === instanceCode);
        if (!found) throw refused(1390003);
        if (definitionCode !== found.definitionCode) throw refused(1390002);
        if (initiator !== found.initiator) throw refused(1390009);
        if (!revoke(feishu, found, at())) throw refused(1390001);
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

const shown = ({ code, card: _, approver: __, told: ___, tasks, timeline, comments, ...rest }: Instance) =>
  ({
    ...rest,
    instanceCode: code,
    tasks: tasks.map((task) => ({ ...task, type: 'AND', customNodeId: 'frabit-approver' })),
    timeline: [...timeline],
    comments: [...comments],
  }) satisfies FeishuInstance;

/** What people do; false: a page would not offer it. */
export const acts = {
  approve: (feishu: SmallFeishu, code: string, at: string): boolean =>
    decide(feishu, code, { status: 'APPROVED', entry: 'PASS' }, at),
  reject: (feishu: SmallFeishu, code: string, at: string): boolean =>
    decide(feishu, code, { status: 'REJECTED', entry: 'REJECT' }, at),
  transfer(feishu: SmallFeishu, code: string, at: string, to: string): boolean {
    const turn = turnOf(feishu, code);
    if (!turn) return false;
    const { instance, task } = turn;
    const closed = instance.tasks.map((one) =>
      one === task ? { ...one, status: 'TRANSFERRED' as const } : one,
    );
    const handedOn = { ...instance, tasks: closed };
    const timeline = [...instance.timeline, { type: 'TRANSFER', openId: task.openId, taskId: task.id, at }];
    change(feishu, code, { ...ask(handedOn, to), timeline }, ['TRANSFERRED']);
    return true;
  },
  /** By its initiator, while it is open. */
  retract(feishu: SmallFeishu, code: string, at: string): boolean {
    const found = feishu.instances.find((one) => one.code === code);
    return found?.status === 'PENDING' && revoke(feishu, found, at);
  },
};

function decide(
  feishu: SmallFeishu,
  code: string,
  { status, entry }: { status: 'APPROVED' | 'REJECTED'; entry: string },
  at: string,
): boolean {
  const turn = turnOf(feishu, code);
  if (!turn) return false;
  const { instance, task } = turn;
  const tasks = instance.tasks.map((one) => (one === task ? { ...one, status } : one));
  const timeline = [...instance.timeline, { type: entry, openId: task.openId, taskId: task.id, at }];
  change(feishu, code, { status, tasks, timeline }, [status]);
  return true;
}

function turnOf({ instances }: SmallFeishu, code: string) {
  const instance = instances.find((one) => one.code === code && one.status === 'PENDING');
  const task = instance?.tasks.find(({ status }) => status === 'PENDING');
  return instance && task && { instance, task };
}

/** docs/feishu.md 3.7: an open one ends CANCELED, an approved one goes back to "in approval", any other stays. */
function revoke(feishu: SmallFeishu, instance: Instance, at: string): boolean {
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

/** Of the events about tasks only a transfer says more than the event of the instance beside it. */
function change(
  feishu: SmallFeishu,
  code: string,
  changes: Partial<Instance>,
  statuses: readonly string[],
): void {
  feishu.instances = feishu.instances.map((instance) => {
    if (instance.code !== code) return instance;
    const told = instance.told + statuses.length;
    feishu.events = [
      ...feishu.events,
      ...statuses.map((status, at): FeishuEvent => {
        const event = { eventId: `${code}-event-${instance.told + at + 1}`, instanceCode: code, status };
        return status === 'TRANSFERRED'
          ? { ...event, about: 'TASK' }
          : { ...event, about: 'INSTANCE', uuid: instance.uuid };
      }),
    ];
    return { ...instance, ...changes, told };
  });
}
