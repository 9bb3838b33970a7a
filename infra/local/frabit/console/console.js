import { approvalCard } from './approval-card.js';
import { chip, el } from './dom.js';
import { flowCard } from './flow-card.js';
import { addLine, clearStory } from './story-feed.js';

const byId = (id) => document.getElementById(id);
const state = {
  issues: [],
  about: {},
  issueId: new URLSearchParams(location.search).get('issue'),
  stageId: undefined,
  /** What the user is editing: the issue is not drawn again meanwhile. */
  editing: undefined,
};

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message ?? `HTTP ${response.status}`);
  return answer;
}

function notify(text) {
  byId('notice').textContent = text;
  byId('notice').hidden = false;
  setTimeout(() => {
    byId('notice').hidden = true;
  }, 4000);
}

async function act(body) {
  try {
    await call('POST', `/console/issues/${encodeURIComponent(state.issueId)}`, body);
    state.editing = undefined;
    await refresh();
  } catch (error) {
    notify(error.message);
  }
}

async function createIssue(wanted) {
  const issue = await call('POST', '/console/issues', wanted);
  // An issue can be selected only after it was read.
  await refresh();
  select(issue.issueId);
}

function select(issueId) {
  state.issueId = issueId;
  state.stageId = undefined;
  state.editing = undefined;
  history.replaceState(null, '', `/?issue=${encodeURIComponent(issueId)}`);
  draw();
}

let refreshing;
let again = false;
/** Reads the issues. Calls during a read lead to one more read at its end. */
function refresh() {
  again = true;
  refreshing ??= (async () => {
    while (again) {
      again = false;
      state.issues = (await call('GET', '/console/issues')).issues;
      draw();
    }
    refreshing = undefined;
  })();
  return refreshing;
}

function draw() {
  if (!state.issues.some(({ issueId }) => issueId === state.issueId))
    state.issueId = state.issues[0]?.issueId;
  byId('issues').replaceChildren(...state.issues.map(listItem));
  if (!state.editing) drawDetail();
}

function listItem(issue) {
  const stage = issue.stages.find(({ stageId }) => stageId === issue.currentStageId);
  const approval = issue.stageApprovals?.[issue.currentStageId];
  return el(
    'li',
    {},
    el(
      'button',
      {
        class: 'issue',
        type: 'button',
        testid: `issue-${issue.issueId}`,
        'aria-current': issue.issueId === state.issueId ? 'true' : 'false',
        onclick: () => select(issue.issueId),
      },
      el('span', { class: 'title' }, issue.title),
      el('span', { class: 'where' }, issue.issueId),
      el('span', { class: 'where' }, stage ? stage.title : 'all stages run', listChip(issue, approval)),
    ),
  );
}

function listChip({ status, approvalHold }, approval) {
  if (status !== 'OPEN') return chip(status);
  if (approvalHold) return chip(approvalHold, undefined, 'wait');
  if (!approval) return chip(status);
  return chip(approval.state, undefined, approval.state === 'PENDING' ? 'wait' : undefined);
}

function drawDetail() {
  const issue = state.issues.find(({ issueId }) => issueId === state.issueId);
  if (!issue) {
    const hint = 'No issue yet. Create one with “New demo issue”, or write one to the table frabit-issues.';
    byId('detail').replaceChildren(el('p', { class: 'card empty' }, hint));
    return;
  }
  const stageId = state.stageId ?? issue.currentStageId ?? issue.stages.at(-1).stageId;
  const stage = issue.stages.find((each) => each.stageId === stageId) ?? issue.stages[0];
  const cards = [
    issueCard(issue),
    flowCard(issue, state.about),
    el('div', { class: 'stages' }, ...issue.stages.map((each) => stageButton(issue, each, stage))),
    approvalCard(issue, stage, state.about),
    taskCard(issue, stage),
  ];
  byId('detail').replaceChildren(...cards.filter(Boolean));
}

function issueCard(issue) {
  const open = issue.status === 'OPEN';
  return el(
    'article',
    { class: 'card' },
    el(
      'div',
      { class: 'headline' },
      el(
        'div',
        {},
        el('h1', { testid: 'title' }, issue.title),
        el('p', { class: 'sub' }, issue.description ?? ''),
      ),
      chip(issue.status, 'issue-status'),
    ),
    el(
      'dl',
      { class: 'facts' },
      fact('Issue', issue.issueId),
      fact('Creator', issue.creator.email),
      el('div', {}, el('dt', {}, 'Assignee'), el('dd', { testid: 'assignee' }, ...assignee(issue, open))),
      fact('Bell', issue.bell ? `rung ${issue.bell.seq}×` : 'not rung', 'bell'),
    ),
    el(
      'div',
      { class: 'acts' },
      button('Run stage', 'run', () => act({ act: 'RUN' }), {
        primary: true,
        disabled: !open || !isReady(issue),
      }),
      button('Ring the bell', 'ring', () => act({ act: 'BELL' }), { disabled: !open }),
      button('Close issue', 'close', () => act({ act: 'CLOSE' }), { disabled: !open }),
    ),
  );
}

const fact = (name, value, testid) => el('div', {}, el('dt', {}, name), el('dd', { testid }, value));

function isReady(issue) {
  const tasks = issue.stages.find(({ stageId }) => stageId === issue.currentStageId)?.tasks ?? [];
  return (
    tasks.some(({ status }) => status === 'PENDING') &&
    tasks.every(({ status }) => status !== 'PENDING_APPROVAL')
  );
}

function button(text, testid, onclick, { primary = false, disabled = false, small = false } = {}) {
  const look = `button ${primary ? 'primary' : ''} ${small ? 'small' : ''}`;
  return el('button', { class: look, type: 'button', testid, disabled, onclick }, text);
}

function edit(editing) {
  state.editing = editing;
  drawDetail();
}

function assignee(issue, open) {
  if (state.editing?.what !== 'assignee') {
    const change = () => edit({ what: 'assignee' });
    return [
      issue.assignee?.email ?? 'nobody',
      open && button('Change', 'change-assignee', change, { small: true }),
    ];
  }
  const input = el('input', { type: 'email', testid: 'assignee-input', 'aria-label': 'Assignee' });
  input.value = issue.assignee?.email ?? '';
  return [
    input,
    button('Save', 'save-assignee', () => act({ act: 'ASSIGNEE', email: input.value }), { small: true }),
    button('Cancel', 'cancel-edit', () => edit(undefined), { small: true }),
  ];
}

function stageButton(issue, stage, shown) {
  const current = stage.stageId === issue.currentStageId;
  const open = stage.tasks.filter(({ status }) => status === 'PENDING_APPROVAL').length;
  const done = stage.tasks.every(({ status }) => status === 'DONE');
  const waiting = current ? `${open} of ${stage.tasks.length} wait for approval` : 'not sent yet';
  const summary = done ? 'run' : open > 0 ? waiting : 'ready to run';
  return el(
    'button',
    {
      class: `stage ${current ? 'current' : ''}`,
      type: 'button',
      testid: `stage-${stage.stageId}`,
      'aria-pressed': stage === shown ? 'true' : 'false',
      onclick: () => {
        state.stageId = stage.stageId;
        edit(undefined);
      },
    },
    el('b', {}, stage.title),
    el('span', {}, summary),
  );
}

function taskCard(issue, stage) {
  const editable = issue.status === 'OPEN' && stage.stageId === issue.currentStageId;
  return el(
    'article',
    { class: 'card tasks' },
    el('h2', {}, `Tasks of ${stage.title}`),
    ...stage.tasks.map((task, index) => taskRow(task, index, editable)),
  );
}

function taskRow(task, index, editable) {
  const editing = state.editing?.what === 'statement' && state.editing.taskId === task.taskId;
  const place = [task.instance, task.database].filter(Boolean).join('\u00a0/\u00a0');
  const change = () => edit({ what: 'statement', taskId: task.taskId });
  const mayEdit = editable && !editing && ['PENDING_APPROVAL', 'PENDING'].includes(task.status);
  return el(
    'div',
    { class: 'task', testid: `task-${task.taskId}` },
    el(
      'div',
      { class: 'row' },
      el('b', {}, `${index + 1}. ${task.title} `, el('span', {}, place)),
      mayEdit && button('Edit SQL', `edit-${task.taskId}`, change, { small: true }),
      chip(task.status, `status-${task.taskId}`, task.status === 'PENDING' ? 'good' : undefined),
    ),
    ...(editing ? statementEditor(task) : [el('pre', {}, task.statement ?? task.sheet?.preview ?? '')]),
  );
}

function statementEditor(task) {
  const area = el('textarea', { testid: 'statement-input', 'aria-label': 'SQL', spellcheck: 'false' });
  area.value = task.statement ?? '';
  const save = () => act({ act: 'STATEMENT', taskId: task.taskId, statement: area.value });
  return [
    area,
    el(
      'div',
      { class: 'acts' },
      button('Save SQL', 'save-statement', save, { primary: true, small: true }),
      button('Cancel', 'cancel-edit', () => edit(undefined), { small: true }),
    ),
  ];
}

function listen() {
  const events = new EventSource('/console/events');
  const live = (on) => {
    byId('live').className = on ? 'live on' : 'live';
    byId('live').textContent = on ? 'live' : 'not connected';
  };
  events.addEventListener('open', () => {
    live(true);
    refresh();
  });
  events.addEventListener('error', () => live(false));
  events.addEventListener('changed', refresh);
  events.addEventListener('line', (event) => addLine(JSON.parse(event.data)));
  events.addEventListener('lines', (event) => {
    clearStory();
    JSON.parse(event.data).forEach(addLine);
  });
}

const buttons = { 'new-issue': {}, 'new-oa-issue': { oaStep: true } };
for (const [id, wanted] of Object.entries(buttons)) {
  byId(id).addEventListener('click', () => createIssue(wanted).catch((error) => notify(error.message)));
}

function addLink(href, testid, text) {
  if (!href) return;
  const link = { class: 'button', href, target: '_blank', rel: 'noopener', testid };
  byId('inbox-slot').append(el('a', link, text));
}

call('GET', '/console/about').then((about) => {
  state.about = about;
  addLink(about.inboxUrl, 'inbox-link', 'Feishu inbox ↗');
  addLink(about.oaInboxUrl, 'oa-inbox-link', 'OA inbox ↗');
  if (state.issues.length > 0) draw();
});
listen();
