import type { Decision, Round } from '../../../shared/approval/plan/round.ts';

/** One event in a round of a stage or a step; `at`: ISO 8601. */
export type TimelineEntry = { at: string } & SubjectId & { generation: number; what: string };
type SubjectId = { stageId: string } | { stepId: string };

/** Returns the timeline of the rounds of an issue. Entries with the same time stay in the order of their round. */
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
      ? [moment(withdraw.at, `to be withdrawn: ${withdraw.reason}`)]
      : []),
    ...decisions.map((decision) => moment(decision.at, decisionText(decision))),
    ...(closedAt && closing ? [moment(closedAt, closing)] : []),
    ...(waiting ? [moment(waiting.since, waitingText(waiting))] : []),
    // The error of a live round has no time of its own: use the last time of the round.
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
      return `sent to the approver${formText(forms)}`;
    case 'EXTERNAL':
      return `sent to the OA${externalId === undefined ? '' : `, which calls it ${externalId}`}`;
    default:
      return `sent by ${channel satisfies never}`;
  }
}

function waitingText({ api }: NonNullable<Round['waiting']>): string {
  switch (api) {
    case 'create':
      return 'waits to be sent: Feishu limits the number of requests a minute';
    case 'cancel':
      return 'waits to be withdrawn: Feishu limits the number of cancels a minute';
    case 'call':
      return 'waits for a slot: only one call of the OA runs at a time';
    default:
      return `waits for ${api satisfies never}`;
  }
}

/** Returns no text for a full card that shows everything. */
function formText(forms: Round['forms']): string {
  const form = forms.at(-1);
  if (!form || (form.level === 'FULL' && form.whole)) return '';
  const cut = form.whole ? '' : ' that does not show every statement in full';
  const readRefusal = forms.length > 1 ? ` (Feishu readRefusal ${forms.length - 1} before)` : '';
  return `, as a ${form.level.toLowerCase()} card${cut}${readRefusal}`;
}

function decisionText({ result, by, comment, applied }: Decision): string {
  const who = by.email ?? by.userId ?? 'somebody unknown';
  const late = applied ? '' : ', which came too late and was not applied';
  return `${result} by ${who}${late}${comment ? `: ${comment}` : ''}`;
}

/** Returns undefined if the decision already says it. */
function closingOf({ state, closeReason, error, decisions }: Round): string | undefined {
  const why = [closeReason, error && errorText(error)].filter(Boolean).join('; ');
  const isDecided = decisions.some((decision) => decision.applied && decision.result === state);
  if (isDecided && !why) return undefined;
  return why ? `${state}: ${why}` : state;
}

const errorText = ({ code, message }: { code: string; message: string }): string => `${code}: ${message}`;
