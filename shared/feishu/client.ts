import type * as z from 'zod';
import {
  createInstanceAnswerSchema,
  instanceAnswerSchema,
  nothingSchema,
  type PersonStatus,
  peopleAnswerSchema,
} from './answers.ts';
import { createFeishuCaller, type FeishuOptions, pathParameter } from './call.ts';
import { FEISHU_CODES } from './classify-error.ts';
import { APPROVER_NODE_ID } from './definition.ts';
import { FeishuError, hasCode } from './errors.ts';
import type { FeishuApp, FeishuGateway, FeishuInstance } from './gateway.ts';
import { createPeopleCache } from './people-cache.ts';

/** How many e-mail addresses batch_get_id takes (docs/feishu.md 2). */
const EMAILS_A_CALL = 50;

/**
 * Makes the calls that approvals need (docs/contract.md 2), through the Node SDK. Create one for each container,
 * because it caches tokens and people. For retries and rate limits see `FeishuCall.repeat`.
 */
export function createFeishuGateway(options: FeishuOptions): FeishuGateway {
  const caller = createFeishuCaller(options);
  const people = createPeopleCache(options.now ?? Date.now);

  const lookUp = async (app: FeishuApp, emails: string[]) => {
    const answer = await caller.call(app, {
      api: 'batch_get_id',
      repeat: 'SAFE',
      answer: peopleAnswerSchema,
      run: (client, token) =>
        client.contact.v3.user.batchGetId({ data: { emails }, params: { user_id_type: 'open_id' } }, token),
    });
    return answer.data?.user_list ?? [];
  };

  return {
    async findPeople(app, emails, { fresh } = { fresh: false }) {
      const place = `${caller.originOf(app)} ${app.appId}`;
      const found = new Map<string, string>();
      const asked = new Map<string, string>();
      for (const email of emails) {
        const lower = email.toLowerCase();
        if (fresh) people.forget(place, lower);
        const known = people.find(place, lower);
        if (known) found.set(lower, known);
        else if (!asked.has(lower)) asked.set(lower, email);
      }
      const missing = [...asked.values()];
      for (let start = 0; start < missing.length; start += EMAILS_A_CALL) {
        for (const person of await lookUp(app, missing.slice(start, start + EMAILS_A_CALL))) {
          const lower = person.email?.toLowerCase();
          if (!lower || !person.user_id || !asked.has(lower) || isGone(person.status)) continue;
          found.set(lower, person.user_id);
          people.keep(place, lower, person.user_id);
        }
      }
      return found;
    },

    async createInstance(app, request) {
      const answer = await caller.call(app, {
        api: 'create instance',
        repeat: 'ONCE',
        answer: createInstanceAnswerSchema,
        run: (client, token) =>
          client.approval.v4.instance.create(
            {
              data: {
                approval_code: request.definitionCode,
                open_id: request.initiator,
                node_approver_open_id_list: [{ key: APPROVER_NODE_ID, value: [request.approver] }],
                uuid: request.uuid,
                form: request.form,
                // Without i18n keys neither is needed.
                ...(request.title !== '' && { title: request.title }),
                ...(request.i18nResources.length > 0 && { i18n_resources: request.i18nResources }),
                allow_resubmit: false,
                allow_submit_again: false,
              },
            },
            token,
          ),
      });
      return { instanceCode: answer.data.instance_code };
    },

    async getInstance(app, codeOrUuid) {
      const path = { instance_id: pathParameter(codeOrUuid) };
      try {
        const answer = await caller.call(app, {
          api: 'get instance',
          repeat: 'SAFE',
          answer: instanceAnswerSchema,
          run: (client, token) => client.approval.v4.instance.get({ path }, token),
        });
        return toInstance(codeOrUuid, answer.data);
      } catch (error) {
        if (isUnknownInstance(error)) return undefined;
        throw error;
      }
    },

    async cancelInstance(app, request) {
      await caller.call(app, {
        api: 'cancel instance',
        repeat: 'ONCE',
        answer: nothingSchema,
        run: (client, token) =>
          client.approval.v4.instance.cancel(
            {
              data: {
                approval_code: request.definitionCode,
                instance_code: request.instanceCode,
                user_id: request.initiator,
              },
              params: { user_id_type: 'open_id' },
            },
            token,
          ),
      });
    },

    async addComment(app, request) {
      const path = { instance_id: pathParameter(request.instanceCode) };
      await caller.call(app, {
        api: 'add comment',
        // Comments have no idempotency key, so a repeated one would appear twice (docs/feishu.md 3.8).
        repeat: 'ONCE',
        answer: nothingSchema,
        run: (client, token) =>
          client.approval.v4.instanceComment.create(
            {
              path,
              params: { user_id_type: 'open_id', user_id: request.author },
              data: { content: JSON.stringify({ text: request.text }) },
            },
            token,
          ),
      });
    },

    async sendMessage(app, { receiver, text, uuid }) {
      await caller.call(app, {
        api: 'send message',
        // The uuid would allow retries, but messages count against the monthly quota. The caller tries again later.
        repeat: 'ONCE',
        answer: nothingSchema,
        run: (client, token) =>
          client.im.v1.message.create(
            {
              params: { receive_id_type: 'open_id' },
              data: { receive_id: receiver, msg_type: 'text', content: JSON.stringify({ text }), uuid },
            },
            token,
          ),
      });
    },
  };
}

/** A person who cannot tap a card counts as unknown. */
const isGone = (status: PersonStatus | null | undefined): boolean =>
  [status?.is_frozen, status?.is_resigned, status?.is_exited].includes(true);

/** A 404 counts only from the Open Platform. A proxy's 404 has no code and is SETUP. */
function isUnknownInstance(error: unknown): boolean {
  if (hasCode(error, FEISHU_CODES.UNKNOWN_INSTANCE)) return true;
  return error instanceof FeishuError && error.code === 'REFUSED' && error.httpStatus === 404;
}

type InstanceAnswer = z.infer<typeof instanceAnswerSchema>['data'];

function toInstance(asked: string, data: InstanceAnswer): FeishuInstance {
  return {
    instanceCode: data.instance_code ?? asked,
    definitionCode: data.approval_code,
    ...present({ uuid: data.uuid, initiator: data.open_id, revokes: data.reverted_instance_code }),
    status: data.status,
    reverted: data.reverted ?? false,
    tasks: data.task_list.map((task) => ({
      id: task.id ?? '',
      status: task.status,
      type: task.type ?? '',
      ...present({ openId: task.open_id, customNodeId: task.custom_node_id, nodeId: task.node_id }),
    })),
    timeline: data.timeline.map((entry) => ({
      type: entry.type,
      ...present({
        openId: entry.open_id,
        taskId: entry.task_id,
        comment: entry.comment,
        at: toIso(entry.create_time),
      }),
    })),
    comments: data.comment_list.flatMap((entry) => (entry.comment ? [entry.comment] : [])),
  };
}

function toIso(milliseconds: string | number | null | undefined): string | undefined {
  const value = Number(milliseconds ?? Number.NaN);
  return value > 0 && value <= 8.64e15 ? new Date(value).toISOString() : undefined;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const present = <T extends Record<string, unknown>>(entries: T): Present<T> =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Present<T>;
