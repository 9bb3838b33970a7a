import type { Decision, Round } from '../../../shared/approval/plan/round.ts';

/** One thing that happened to a round of a stage, or of a step; `at`: ISO 8601. */
export type TimelineEntry = { at: string } & SubjectId & { generation: number; what: string };
type SubjectId = { stageId: string } | { stepId: string };

/** What happened to the rounds of an issue, in order of time; what has one time stays in the order of its round. */
export const timelineOf = (rounds: readonly Round[]): TimelineEntry[] =>
  [...rounds]
    .sort((a, b) => a.requestedAt.localeCompare(b.requestedAt))
    .flatMap(entriesOf)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));

function entriesOf(round: Round): TimelineEntry[] {
  const { subject, generation, requestedAt, sentAt, withdraw, closedAt, decisions, waiting } = round;
  const id: SubjectId = subject.kind === 'STEP' ? { stepId: subject.id } : { stageId: subject.id };
  const moment = (at: string, what: string): TimelineEntry => ({ at, ...id, generation, what });
  const closing = closingOf(round);
  return [
    moment(requestedAt, requestedText(round)),
    ...(sentAt ? [moment(sentAt, sentText(round))] : []),
    ...(withdraw && withdraw.at !== closedAt
      ? [moment(withdraw.at, `to be taken back: ${withdraw.reason}`)]
      : []),
    ...decisions.map((decision) => moment(decision.at, decisionText(decision))),
    ...(closedAt && closing ? [moment(closedAt, closing)] : []),
    ...(waiting ? [moment(waiting.since, waitingText(waiting))] : []),
    // An error of a live round has no time of its own: it is told with the round's last one.
    ...(!closedAt && round.error ? [moment(sentAt ?? requestedAt, errorText(round.error))] : []),
  ];
}

function requestedText(round: Round): string {
  const { triggers, requester } = round;
  const by = requester.bot ? `${requester.email} (sent by the bot)` : requester.email;
  return `requested (${triggers.join(', ')}) by ${by}, to ${askedText(round)}`;
}

function askedText({ channel, nodeId, approvers }: Round): string {
  switch (channel) {
    case 'FEISHU':
      return approvers.map(({ email }) => email).join(', ') || 'nobody';
    case 'EXTERNAL':
      return nodeId === undefined ? 'an external node' : `the external node ${nodeId}`;
    default:
      // The channel of a newer version, as it is.
      return `${channel satisfies never}`;
  }
}

function sentText({ channel, externalId, forms }: Round): string {
  switch (channel) {
    case 'FEISHU':
      return `sent: it is with the approver${formText(forms)}`;
    case 'EXTERNAL':
      return `sent: it is with the OA${externalId === undefined ? '' : `, which calls it ${externalId}`}`;
    default:
      return `sent by ${channel satisfies never}`;
  }
}

function waitingText({ api }: NonNullable<Round['waiting']>): string {
  switch (api) {
    case 'create':
      return 'waits to be sent: Feishu limits the requests a minute';
    case 'cancel':
      return 'waits to be withdrawn: Feishu limits the cancels a minute';
    case 'call':
      return 'waits for its turn: the OA is called by one after the other';
    default:
      return `waits for ${api satisfies never}`;
  }
}

/** Adds nothing for a full card that shows everything. */
function formText(forms: Round['forms']): string {
  const form = forms.at(-1);
  if (!form || (form.level === 'FULL' && form.whole)) return '';
  const cut = form.whole ? '' : ' that does not show every statement whole';
  const readRefusal = forms.length > 1 ? ` (Feishu readRefusal ${forms.length - 1} before)` : '';
  return `, as a ${form.level.toLowerCase()} card${cut}${readRefusal}`;
}

function decisionText({ result, by, comment, applied }: Decision): string {
  const who = by.email ?? by.userId ?? 'somebody unknown';
  const late = applied ? '' : ', which came too late and was not applied';
  return `${result} by ${who}${late}${comment ? `: ${comment}` : ''}`;
}

/** undefined when the decision has said it. */
function closingOf({ state, closeReason, error, decisions }: Round): string | undefined {
  const why = [closeReason, error && errorText(error)].filter(Boolean).join('; ');
  const told = decisions.some((decision) => decision.applied && decision.result === state);
  if (told && !why) return undefined;
  return why ? `${state}: ${why}` : state;
}

const errorText = ({ code, message }: { code: string; message: string }): string => `${code}: ${message}`;
