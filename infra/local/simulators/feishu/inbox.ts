import * as z from 'zod';
import { findInstance } from './instances.ts';
import { type Locale, resolveText } from './texts.ts';
import { findWidget } from './widgets.ts';
import type { Instance, Task, World } from './world.ts';

/** What a person sees in Feishu: the cards of their approvals, with texts in both languages. */

type ByLanguage = Record<'zh-CN' | 'en-US', string>;

export interface Card {
  instanceCode: string;
  uuid: string | null;
  approvalCode: string;
  /** PENDING, APPROVED, REJECTED, CANCELED, DELETED. */
  status: string;
  reverted: boolean;
  overtime: boolean;
  definition: ByLanguage;
  title: ByLanguage;
  /** `id`: that of the caller, which does not change with a write of the definition. */
  form: { id: string; type: string; name: ByLanguage; value: ByLanguage }[];
  requester: PersonShown;
  approvers: (PersonShown & { taskId: string; status: string })[];
  /** ISO 8601 UTC; `finishedAt` is null while open. */
  createdAt: string;
  finishedAt: string | null;
  comments: { by: PersonShown; text: string; at: string }[];
  timeline: { type: string; by: PersonShown | null; at: string; comment: string | null }[];
}
/** A card with its owner's task: the pending one, else the last one. */
interface OwnCard extends Card {
  task: { id: string; status: string; at: string };
}
interface PersonShown {
  openId: string;
  /** null: the app's bot. */
  email: string | null;
  name: string;
  bot: boolean;
}
export interface Inbox {
  email: string;
  pending: OwnCard[];
  decided: OwnCard[];
  /** Messages of the bot, newest first. */
  messages: { messageId: string; text: string; at: string }[];
  /** All people with cards, and the number of their pending ones. The owner of the newest pending card comes first. */
  people: { email: string; pending: number }[];
}

/** Returns the cards of `email`, newest first; default: the person with the newest pending card. */
export function readInbox(world: World, email: string | undefined): Inbox {
  const people = listPeople(world);
  const address = (email ?? people[0]?.email ?? '').toLowerCase();
  const openId = world.people.byEmail(address)?.openId;
  const cards = [...world.instances.values()]
    .flatMap((instance): OwnCard[] => {
      const own = instance.tasks.filter((task) => openId !== undefined && task.openId === openId);
      const task = own.find(({ status }) => status === 'PENDING') ?? own.at(-1);
      if (task === undefined) return [];
      return [
        { ...toCard(world, instance), task: { id: task.id, status: task.status, at: iso(lastTime(task)) } },
      ];
    })
    .reverse();
  const isPending = (card: OwnCard) => card.task.status === 'PENDING' && card.status === 'PENDING';
  return {
    email: address,
    pending: cards.filter(isPending),
    decided: cards.filter((card) => !isPending(card)).sort((a, b) => b.task.at.localeCompare(a.task.at)),
    messages: world.messages
      .filter(({ to }) => to === openId)
      .map(({ messageId, content, at }) => ({ messageId, text: textOf(content), at: iso(at) }))
      .reverse(),
    people,
  };
}

/** Returns the text of a text message, and the raw content of any other. */
const textOf = (content: string): string =>
  z.object({ text: z.string() }).safeParse(JSON.parse(content)).data?.text ?? content;

function listPeople(world: World): Inbox['people'] {
  const tasks = [...world.instances.values()].flatMap(({ tasks: each }) => each);
  const newestFirst = tasks
    .filter(({ openId }) => openId !== '')
    .sort((a, b) => rank(b) - rank(a) || b.startTime - a.startTime);
  const openIds = [...new Set(newestFirst.map(({ openId }) => openId))];
  return openIds.flatMap((openId) => {
    const person = world.people.byId('open_id', openId);
    const pending = tasks.filter((task) => task.openId === openId && task.status === 'PENDING').length;
    return person === undefined ? [] : [{ email: person.email, pending }];
  });
}

const rank = ({ status }: Task) => (status === 'PENDING' ? 1 : 0);
const lastTime = ({ endTime, startTime }: Task) => (endTime === 0 ? startTime : endTime);

export function findCard(world: World, codeOrUuid: string): Card | undefined {
  const instance = findInstance(world, codeOrUuid);
  return instance === undefined ? undefined : toCard(world, instance);
}

export function toCard(world: World, instance: Instance): Card {
  const show = (openId: string) => showPerson(world, openId);
  const { i18n_resources: definitionTexts, approval_name } = instance.definition.body;
  const ofDefinition = (key: string) => inBoth((locale) => resolveText(definitionTexts, locale, key));
  const ofInstance = (text: string) => inBoth((locale) => resolveText(instance.resources, locale, text));
  return {
    instanceCode: instance.instanceCode,
    uuid: instance.uuid ?? null,
    approvalCode: instance.definition.approvalCode,
    status: instance.status,
    reverted: instance.reverted,
    overtime: instance.overtime,
    definition: ofDefinition(approval_name),
    title: instance.title === undefined ? ofDefinition(approval_name) : ofInstance(instance.title),
    form: instance.form.flatMap(({ id, value }) => {
      const widget = findWidget(instance.widgets, id);
      if (widget === undefined) return [];
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const { customId, type, name } = widget;
      return [{ id: customId, type, name: ofDefinition(name), value: ofInstance(text) }];
    }),
    requester: show(instance.initiator),
    approvers: instance.tasks
      .filter(({ openId }) => openId !== '')
      .map((task) => ({ ...show(task.openId), taskId: task.id, status: task.status })),
    createdAt: iso(instance.startTime),
    finishedAt: instance.endTime === 0 ? null : iso(instance.endTime),
    comments: instance.comments.map(({ openId, text, at }) => ({ by: show(openId), text, at: iso(at) })),
    timeline: instance.timeline.map(({ type, openId, at, comment }) => ({
      type,
      by: openId === '' ? null : show(openId),
      at: iso(at),
      comment: comment ?? null,
    })),
  };
}

function showPerson({ app, people }: World, openId: string): PersonShown {
  if (openId === app.botOpenId) return { openId, email: null, name: app.name, bot: true };
  const email = people.byId('open_id', openId)?.email ?? null;
  return { openId, email, name: email?.split('@')[0] ?? openId, bot: false };
}

const inBoth = (text: (locale: Locale) => string): ByLanguage => ({
  'zh-CN': text('zh-CN'),
  'en-US': text('en-US'),
});

const iso = (ms: number) => new Date(ms).toISOString();
