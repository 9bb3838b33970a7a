import { chip, clockTime, el, factLine } from './dom.js';

const HOLDS = {
  DISABLED: 'Feishu approvals are switched off.',
  FLOW_REJECTED: 'A step of the approval flow was rejected: change the SQL or ring the bell.',
  FLOW_PENDING: 'A step of the approval flow must be approved first.',
  NO_ASSIGNEE: 'Nobody is assigned.',
  CHECK_ERROR: 'The SQL review found an error.',
  CHECK_RUNNING: 'The SQL review is still running.',
  WAITING_FOR_BELL: 'It is sent when the creator rings the bell.',
};

/** Shows the approval of a stage as it is on the issue record: state, who, when, decision, hold, error. */
export function approvalCard(issue, stage, about) {
  const approval = issue.stageApprovals?.[stage.stageId];
  const current = stage.stageId === issue.currentStageId;
  const hold = current ? issue.approvalHold : undefined;
  const look = approval?.state === 'PENDING' ? 'wait' : undefined;
  return el(
    'article',
    { class: 'card approval', testid: 'approval' },
    el(
      'div',
      { class: 'state' },
      el('h2', {}, 'Approval in Feishu'),
      ...(approval?.triggers ?? []).map((trigger) => chip(trigger)),
      approval && chip(approval.state, 'approval-state', look),
    ),
    el(
      'p',
      { class: 'lead', testid: 'approval-lead' },
      lead(approval, stage, current),
      ' ',
      inboxLink(approval, about),
    ),
    ...comments(approval),
    hold && el('p', { class: 'lead', testid: 'approval-hold' }, `On hold. ${HOLDS[hold] ?? hold}`),
    approval?.error && el('p', { class: 'lead', testid: 'approval-error' }, approval.error.message),
    issue.approvalError && el('p', { class: 'lead', testid: 'record-error' }, issue.approvalError.message),
    approval && times(approval),
  );
}

const names = (approval) => approval.approvers.map(({ email }) => email).join(', ');

function lead(approval, stage, current) {
  if (!approval) {
    return current
      ? 'Nothing has been sent for this stage yet.'
      : `${stage.title} is sent when the issue gets there.`;
  }
  const [decision] = approval.decisions;
  const who = decision?.by.email ?? decision?.by.userId ?? 'Somebody';
  switch (approval.state) {
    case 'REQUESTED':
      return `Sending to ${names(approval)}.`;
    case 'PENDING':
      return `Waiting for ${names(approval)}: one tap in Feishu approves the whole stage.`;
    case 'APPROVED':
      return `${who} approved the whole stage.`;
    case 'REJECTED':
      return `${who} rejected it. Change the SQL or ring the bell to send it again.`;
    case 'WITHDRAWN':
      return `Withdrawn: ${String(approval.closeReason).toLowerCase().replaceAll('_', ' ')}.`;
    default:
      return 'Ring the bell to send it again.';
  }
}

function inboxLink(approval, about) {
  if (approval?.state !== 'PENDING' || !about.inboxUrl) return undefined;
  const href = `${about.inboxUrl}?email=${encodeURIComponent(approval.approvers[0]?.email ?? '')}`;
  return el('a', { href, target: '_blank', rel: 'noopener', testid: 'open-inbox' }, 'Open the inbox ↗');
}

const comments = (approval) =>
  (approval?.decisions ?? [])
    .filter(({ comment }) => comment)
    .map(({ comment }) => el('blockquote', { testid: 'approval-comment' }, comment));

function times(approval) {
  const [decision] = approval.decisions;
  const rows = [
    ['Round', approval.generation],
    ['Requested', clockTime(approval.requestedAt)],
    approval.sentAt && ['Sent', clockTime(approval.sentAt)],
    decision && ['Decided', clockTime(decision.at)],
    approval.ref?.instanceCode && ['Instance', approval.ref.instanceCode.slice(0, 8)],
  ];
  return factLine(rows);
}
