// The OA as its change board sees it. Every text goes in by textContent: titles and SQL come from outside.

const EVERY_MS = 1000;
const STATUS_WORDS = {
  PENDING: 'Waiting',
  APPROVED: 'Approved',
  REJECTED: 'Rejected',
  CANCELED: 'Taken back',
};

const byId = (id) => document.getElementById(id);
const personField = byId('person');
personField.value = new URLSearchParams(location.search).get('as') ?? 'board@example.com';
const drawn = { pending: new Map(), decided: new Map() };
let asked = 0;

const when = (iso) => new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const nameOf = ({ name, email }) => (name ? `${name} (${email})` : email);

function make(tag, { text, className, testId, aria = {}, ...rest } = {}, children = []) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className !== undefined) element.className = className;
  if (testId !== undefined) element.dataset.testid = testId;
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  Object.assign(element, rest);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

function drawCard(record) {
  const { id, request, status } = record;
  const isPending = status === 'PENDING';
  const titleId = `title-${id}`;
  const article = make('article', { className: 'card', testId: 'card', aria: { labelledby: titleId } }, [
    make('div', { className: 'head' }, [
      make('div', {}, [
        make('div', { className: 'kind', text: request.step.title }),
        make('h3', { text: request.title, testId: 'title', id: titleId }),
      ]),
      make('span', { className: 'status', text: STATUS_WORDS[status], testId: 'status' }),
    ]),
    drawFacts(record),
    drawOutcome(record),
    isPending
      ? make('div', { className: 'content' }, request.stages.map(drawStage))
      : make('details', { className: 'content' }, [
          make('summary', { text: 'What was asked for' }),
          ...request.stages.map(drawStage),
        ]),
    isPending ? drawActs(record) : undefined,
  ]);
  article.dataset.id = id;
  article.dataset.approvalId = record.approvalId;
  article.dataset.status = status;
  return article;
}

function drawFacts({ id, request, receivedAt }) {
  const fact = (name, value) => [make('dt', { text: name }), make('dd', {}, [value])];
  return make('dl', { className: 'facts', testId: 'facts' }, [
    ...fact('Asked by', nameOf(request.creator)),
    ...fact('Issue', drawLink(request)),
    ...(request.project === null ? [] : fact('Project', request.project)),
    ...(request.description === null ? [] : fact('Why', request.description)),
    ...(request.assignee === null ? [] : fact('Then approves', nameOf(request.assignee))),
    ...fact('Received', `${when(receivedAt)}, as ${id}`),
  ]);
}

function drawLink({ url, issueId }) {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return issueId;
  return make('a', { href: url, text: issueId, target: '_blank', rel: 'noopener noreferrer' });
}

function drawOutcome({ status, decidedBy, decidedAt, comment, canceledReason, canceledAt }) {
  if (status === 'PENDING') return undefined;
  const what =
    status === 'CANCELED'
      ? `Taken back by Frabit, ${when(canceledAt)}: ${canceledReason}`
      : `${STATUS_WORDS[status]} by ${decidedBy}, ${when(decidedAt)}`;
  return make('div', { className: 'outcome', testId: 'outcome' }, [
    make('p', { text: what }),
    comment ? make('blockquote', { text: comment }) : undefined,
  ]);
}

function drawStage({ stageId, title, environment, tasks }) {
  const place = environment === null ? '' : ` · ${environment}`;
  return make('section', { className: 'stage', testId: `stage-${stageId}` }, [
    make('h4', {}, ['Stage ', make('b', { text: title }), place]),
    ...tasks.map((task, at) => drawTask(task, at, title)),
  ]);
}

function drawTask(task, at, stageTitle) {
  const place = [task.instance, task.database].filter(Boolean).join(' / ');
  const facts = [task.type, place].filter(Boolean).join(' · ');
  const heading = `${at + 1}. ${task.title}`;
  return make('div', { className: 'task' }, [
    make('p', {}, [make('b', { text: heading }), facts === '' ? undefined : make('span', { text: facts })]),
    make('pre', {
      text: task.statement ?? task.sheet?.preview ?? '',
      // So that it can be scrolled with the keys.
      tabIndex: 0,
      aria: { label: `SQL of ${heading}, ${stageTitle}` },
    }),
    task.sheet
      ? make('p', {
          className: 'hint',
          text: `The beginning of ${task.sheet.sizeBytes} bytes of SQL; the whole: ${task.sheet.uri}`,
        })
      : undefined,
  ]);
}

function drawActs({ id }) {
  const comment = make('textarea', {
    testId: 'comment',
    placeholder: 'Comment (optional)',
    rows: 1,
    aria: { label: 'Comment' },
  });
  const act = async (name) => {
    const buttons = [...acts.querySelectorAll('button')];
    for (const button of buttons) button.disabled = true;
    const said = comment.value.trim();
    const body = { by: personField.value.trim(), ...(said === '' ? {} : { comment: said }) };
    say(await send(`/simulator/approvals/${encodeURIComponent(id)}/${name}`, body));
    for (const button of buttons) button.disabled = false;
    await refresh();
    // The pressed button has gone with its card: whoever uses the keyboard goes on from here.
    if (document.activeElement === document.body) byId('pending-title').focus();
  };
  const button = (name, text, className) =>
    make('button', { type: 'button', className, text, testId: name, onclick: () => void act(name) });
  const acts = make('div', { className: 'acts' }, [
    comment,
    make('div', { className: 'buttons' }, [
      button('approve', 'Approve', 'yes'),
      button('reject', 'Reject', 'no'),
    ]),
  ]);
  return acts;
}

async function send(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.ok) return undefined;
    return body.by === '' ? 'Say who you are, above.' : (await response.json()).message;
  } catch (error) {
    return String(error);
  }
}

function say(problem) {
  byId('notice').hidden = problem === undefined;
  byId('notice').textContent = problem ?? '';
}

/** Draws only what changed, so that a half-written comment, or a scrolled statement, survives a refresh. */
function drawList(name, records) {
  const before = drawn[name];
  const after = new Map();
  const elements = records.map((record) => {
    const state = `${record.id} ${record.status}`;
    const element = before.get(state) ?? drawCard(record);
    after.set(state, element);
    return element;
  });
  drawn[name] = after;
  const list = byId(name);
  const same =
    elements.length === list.children.length && elements.every((one, at) => one === list.children[at]);
  if (!same) list.replaceChildren(...elements);
  byId(`${name}-count`).textContent = String(records.length);
  byId(`${name}-empty`).hidden = records.length > 0;
}

async function refresh() {
  asked += 1;
  const turn = asked;
  let approvals;
  try {
    ({ approvals } = await (await fetch('/simulator/approvals')).json());
  } catch {
    return;
  }
  // An answer that was overtaken would bring back what a click has already ended.
  if (turn !== asked) return;
  const closedAt = ({ decidedAt, canceledAt }) => decidedAt ?? canceledAt;
  drawList(
    'pending',
    approvals.filter(({ status }) => status === 'PENDING'),
  );
  drawList(
    'decided',
    approvals
      .filter(({ status }) => status !== 'PENDING')
      .sort((a, b) => closedAt(b).localeCompare(closedAt(a))),
  );
}

async function keepFresh() {
  await refresh();
  setTimeout(keepFresh, EVERY_MS);
}

void keepFresh();
