// The inbox as a person sees it in Feishu.

import { byId, createList, createRefresh, keepFresh, make, send, showProblem } from './inbox-kit.js';

const WORDS = {
  'zh-CN': {
    approvals: '审批',
    simulator: '飞书模拟器',
    person: '我是',
    language: '语言',
    pending: '待处理',
    decided: '已处理',
    messages: '机器人消息',
    nothingPending: '没有待处理的审批',
    nothingDecided: '还没有处理过的审批',
    approve: '同意',
    reject: '拒绝',
    transfer: '转交',
    transferTo: '转交给（邮箱）',
    reason: '审批意见（可选）',
    submitted: '提交于',
    bot: '机器人',
    PENDING: '待审批',
    APPROVED: '已同意',
    REJECTED: '已拒绝',
    CANCELED: '已撤回',
    DELETED: '已删除',
    TRANSFERRED: '已转交',
    OVERTIME: '已超时',
  },
  'en-US': {
    approvals: 'Approval',
    simulator: 'Feishu simulator',
    person: 'I am',
    language: 'Language',
    pending: 'To do',
    decided: 'Done',
    messages: 'Messages from the bot',
    nothingPending: 'No pending approvals',
    nothingDecided: 'No decided approvals yet',
    approve: 'Approve',
    reject: 'Reject',
    transfer: 'Transfer',
    transferTo: 'Transfer to (e-mail)',
    reason: 'Comment (optional)',
    submitted: 'Submitted',
    bot: 'bot',
    PENDING: 'Pending',
    APPROVED: 'Approved',
    REJECTED: 'Rejected',
    CANCELED: 'Withdrawn',
    DELETED: 'Deleted',
    TRANSFERRED: 'Transferred',
    OVERTIME: 'Timed out',
  },
};

const personField = byId('person');
const languageField = byId('language');
const query = new URLSearchParams(location.search);
let language = query.get('language') === 'en-US' ? 'en-US' : 'zh-CN';
// Until a person is chosen, the page shows the inbox of the person with the newest pending card.
let email = query.get('email');
let drawnMessages = '';

const word = (key) => WORDS[language][key] ?? key;
const when = (iso) => new Date(iso).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' });

/** A transferred or timed-out card is closed for its owner, although the instance is open. */
function shownStatus(card) {
  if (card.overtime) return 'OVERTIME';
  return card.status === 'PENDING' && card.task.status === 'TRANSFERRED' ? 'TRANSFERRED' : card.status;
}

function drawCard(card, isPending) {
  const status = shownStatus(card);
  const article = make('article', { className: 'card', testId: 'card' }, [
    make('div', { className: 'head' }, [
      make('div', {}, [
        make('div', { className: 'kind', text: card.definition[language] }),
        make('h3', { text: card.title[language], testId: 'title' }),
      ]),
      make('span', { className: 'status', text: word(status), testId: 'status' }),
    ]),
    drawRequester(card),
    make('dl', { className: 'form', testId: 'form' }, card.form.flatMap(drawField)),
  ]);
  article.dataset.instanceCode = card.instanceCode;
  article.dataset.status = status;
  const said = drawComments(card);
  if (said !== undefined) article.append(said);
  if (isPending) article.append(drawActs(card));
  return article;
}

function drawRequester({ requester, createdAt }) {
  const name = requester.bot ? `${requester.name} (${word('bot')})` : requester.name;
  return make('div', { className: 'who' }, [
    make('span', { className: requester.bot ? 'face bot' : 'face', text: requester.name.slice(0, 1) }),
    make('span', {}, [
      make('b', { text: name, title: requester.email ?? '' }),
      ` ${word('submitted')} ${when(createdAt)}`,
    ]),
  ]);
}

function drawField({ type, name, value }) {
  const text = value[language];
  const isLong = type === 'textarea' && (text.includes('\n') || text.length > 80);
  const description = make('dd', { className: isLong ? 'block' : '' });
  const url = /^https?:\/\/\S+$/.test(text) ? URL.parse(text) : null;
  description.append(
    url === null ? text : make('a', { href: url.href, text, target: '_blank', rel: 'noopener noreferrer' }),
  );
  return [make('dt', { text: name[language] }), description];
}

function drawComments({ comments, timeline }) {
  const reasons = timeline
    .filter(({ comment }) => comment !== null)
    .map(({ by, comment, at }) => ({ by, text: comment, at }));
  const said = [...comments, ...reasons].sort((a, b) => a.at.localeCompare(b.at));
  if (said.length === 0) return undefined;
  return make(
    'ul',
    { className: 'comments', testId: 'comments' },
    said.map(({ by, text, at }) =>
      make('li', {}, [
        make('b', { text: by?.name ?? '' }),
        text,
        make('time', { dateTime: at, text: when(at) }),
      ]),
    ),
  );
}

function drawActs({ instanceCode }) {
  const reason = make('textarea', { testId: 'reason', placeholder: word('reason'), rows: 1 });
  const to = make('input', {
    className: 'transfer-to',
    testId: 'transfer-to',
    type: 'email',
    placeholder: word('transferTo'),
  });
  const act = async (name, more) => {
    const buttons = [...acts.querySelectorAll('button')];
    for (const button of buttons) button.disabled = true;
    const comment = reason.value.trim();
    const body = { email, ...(comment === '' ? {} : { comment }), ...more };
    const problem = await send(`/simulator/instances/${encodeURIComponent(instanceCode)}/${name}`, body);
    showProblem(problem);
    for (const button of buttons) button.disabled = false;
    await refresh();
  };
  const button = (name, className, more = () => ({})) =>
    make('button', {
      type: 'button',
      className,
      text: word(name),
      testId: name,
      onclick: () => void act(name, more()),
    });
  const acts = make('div', { className: 'acts' }, [
    reason,
    make('div', { className: 'buttons' }, [
      button('approve', 'yes'),
      button('reject', 'no'),
      make('span', { className: 'gap' }),
      to,
      button('transfer', '', () => ({ to: to.value.trim() })),
    ]),
  ]);
  return acts;
}

const listOf = (name) =>
  createList(name, {
    keyOf: (card) => card.instanceCode,
    stateOf: (card) => JSON.stringify([language, card]),
    draw: (card) => drawCard(card, name === 'pending'),
  });
const showPending = listOf('pending');
const showDecided = listOf('decided');

function drawMessages(messages) {
  const state = JSON.stringify([language, messages]);
  if (state === drawnMessages) return;
  drawnMessages = state;
  byId('messages-section').hidden = messages.length === 0;
  byId('messages-count').textContent = String(messages.length);
  byId('messages').replaceChildren(
    ...messages.map(({ text, at }) =>
      make('li', {}, [make('span', { text }), make('time', { dateTime: at, text: when(at) })]),
    ),
  );
}

const refresh = createRefresh(
  async () => {
    const search = email === null ? '' : `?email=${encodeURIComponent(email)}`;
    return (await fetch(`/simulator/inbox${search}`)).json();
  },
  (inbox) => {
    if (email === null && inbox.email !== '') email = inbox.email;
    if (document.activeElement !== personField) personField.value = inbox.email;
    const options = inbox.people.map((person) =>
      make('option', { value: person.email, label: `${person.email} (${person.pending})` }),
    );
    byId('people').replaceChildren(...options);
    showPending(inbox.pending);
    showDecided(inbox.decided);
    drawMessages(inbox.messages);
  },
);

function drawWords() {
  document.documentElement.lang = language;
  languageField.value = language;
  for (const element of document.querySelectorAll('[data-text]'))
    element.textContent = word(element.dataset.text);
}

languageField.addEventListener('change', () => {
  language = languageField.value;
  drawWords();
  void refresh();
});
personField.addEventListener('change', () => {
  const chosen = personField.value.trim();
  email = chosen === '' ? null : chosen;
  personField.blur();
  void refresh();
});

drawWords();
void keepFresh(refresh);
