import { chip, clockTime, el, factLine } from './dom.js';

/** Shows the approval flow, which must be approved before a stage is sent: each step with its approval. */
export function flowCard(issue, about) {
  const steps = issue.approvalFlow?.steps ?? [];
  if (steps.length === 0) return undefined;
  return el(
    'article',
    { class: 'card flow', testid: 'flow' },
    el('h2', {}, 'Approval flow'),
    el('ol', {}, ...steps.map((step) => stepRow(issue, step, about))),
  );
}

function stepRow(issue, step, about) {
  const approval = step.kind === 'EXTERNAL' ? issue.stepApprovals?.[step.stepId] : undefined;
  const who = step.kind === 'EXTERNAL' ? `decided in the OA “${step.externalNodeId}”` : 'decided in Frabit';
  const look = step.status === 'PENDING' ? 'wait' : undefined;
  return el(
    'li',
    { class: 'step', testid: `step-${step.stepId}` },
    el(
      'div',
      { class: 'row' },
      el('b', {}, `${step.title} `, el('span', {}, who)),
      chip(step.status, `step-status-${step.stepId}`, look),
    ),
    step.kind === 'EXTERNAL' &&
      el(
        'p',
        { class: 'lead', testid: `step-lead-${step.stepId}` },
        lead(issue, step, approval),
        ' ',
        inboxLink(step, approval, about),
      ),
    ...(approval?.decisions ?? [])
      .filter(({ comment }) => comment)
      .map(({ comment }) => el('blockquote', { testid: `step-comment-${step.stepId}` }, comment)),
    approval?.error &&
      el('p', { class: 'lead', testid: `step-error-${step.stepId}` }, approval.error.message),
    approval && times(approval),
  );
}

function lead(issue, step, approval) {
  if (!approval) {
    return issue.status === 'OPEN' ? 'Nothing has been sent to the OA yet.' : 'Nothing was sent to the OA.';
  }
  const [decision] = approval.decisions;
  const who = decision?.by.email ?? decision?.by.userId ?? 'Somebody';
  switch (approval.state) {
    case 'REQUESTED':
      return 'Sending to the OA.';
    case 'PENDING':
      return 'Waiting in the OA: one decision there approves all stages.';
    case 'APPROVED':
      return step.status === 'APPROVED'
        ? `${who} approved all stages.`
        : `${who} approved, but the stages have changed since then.`;
    case 'REJECTED':
      return `${who} rejected it. Change the SQL or ring the bell to send it again.`;
    case 'WITHDRAWN':
      return `Withdrawn: ${String(approval.closeReason).toLowerCase().replaceAll('_', ' ')}.`;
    default:
      return 'Ring the bell to send it again.';
  }
}

/** Only the inbox of the OA simulator is known here. */
function inboxLink(step, approval, about) {
  if (approval?.state !== 'PENDING' || step.externalNodeId !== about.oaNodeId) return undefined;
  const attributes = { href: about.oaInboxUrl, target: '_blank', rel: 'noopener', testid: 'open-oa-inbox' };
  return el('a', attributes, 'Open the OA inbox ↗');
}

function times(approval) {
  const [decision] = approval.decisions;
  const rows = [
    ['State', approval.state],
    ['Round', approval.generation],
    ['Requested', clockTime(approval.requestedAt)],
    approval.sentAt && ['Sent', clockTime(approval.sentAt)],
    decision && ['Decided', clockTime(decision.at)],
    approval.ref?.externalId && ['In the OA', approval.ref.externalId],
  ];
  return factLine(rows);
}
