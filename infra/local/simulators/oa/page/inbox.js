// The OA as its change board sees it.

import { byId, createList, createRefresh, keepFresh, make, send, showProblem } from './inbox-kit.js';

const STATUS_WORDS = {
  PENDING: 'Waiting',
  APPROVED: 'Approved',
  REJECTED: 'Rejected',
  CANCELED: 'Withdrawn',
};

const personField = byId('person');
personField.value = new URLSearchParams(location.search).get('as') ?? 'board@example.com';

const when = (iso) => new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const nameOf = ({ name, email }) => (name ? `${name} (${email})` : email);

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
          make('summary', { text: 'Request' }),
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
    ...fact('Requested by', nameOf(request.creator)),
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
      ? `Withdrawn by Frabit, ${when(canceledAt)}: ${canceledReason}`
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
      // Makes it scrollable with the keyboard.
      tabIndex: 0,
      aria: { label: `SQL of ${heading}, ${stageTitle}` },
    }),
    task.sheet
      ? make('p', {
          className: 'hint',
          text: `The first part of ${task.sheet.sizeBytes} bytes of SQL; full text: ${task.sheet.uri}`,
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
    const problem = await send(`/simulator/approvals/${encodeURIComponent(id)}/${name}`, body);
    showProblem(problem !== undefined && body.by === '' ? 'Enter who you are, above.' : problem);
    for (const button of buttons) button.disabled = false;
    await refresh();
    // The pressed button is gone with its card: keyboard users continue from here.
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

const listOf = (name) =>
  createList(name, {
    keyOf: ({ id }) => id,
    // A repeated request changes the record, too, but nothing that is shown.
    stateOf: ({ status }) => status,
    draw: drawCard,
  });
const showPending = listOf('pending');
const showDecided = listOf('decided');

const closedAt = ({ decidedAt, canceledAt }) => decidedAt ?? canceledAt;

const refresh = createRefresh(
  async () => (await (await fetch('/simulator/approvals')).json()).approvals,
  (approvals) => {
    const isPending = ({ status }) => status === 'PENDING';
    showPending(approvals.filter(isPending));
    showDecided(
      approvals
        .filter((approval) => !isPending(approval))
        .sort((a, b) => closedAt(b).localeCompare(closedAt(a))),
    );
  },
);

void keepFresh(refresh);
