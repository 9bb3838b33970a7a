import type { Decision, Round } from '../../../shared/approval/round.ts';

/** One thing that happened; `at`: ISO 8601. */
export interface Moment {
  at: string;
  stageId: string;
  generation: number;
  what: string;
}

/** What happened to the rounds of an issue, in order of time; what has one time stays in the order of its round. */
export const timelineOf = (rounds: readonly Round[]): Moment[] =>
  [...rounds]
    .sort((a, b) => a.requestedAt.localeCompare(b.requestedAt))
    .flatMap(momentsOf)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));

function momentsOf(round: Round): Moment[] {
  const { subject, generation, requestedAt, sentAt, withdraw, closedAt, decisions } = round;
  const moment = (at: string, what: string): Moment => ({ at, stageId: subject.id, generation, what });
  const closing = closingOf(round);
  return [
    moment(requestedAt, requestedText(round)),
    ...(sentAt ? [moment(sentAt, 'sent: it is with the approver')] : []),
    ...(withdraw && withdraw.at !== closedAt
      ? [moment(withdraw.at, `to be taken back: ${withdraw.reason}`)]
      : []),
    ...decisions.map((decision) => moment(decision.at, decisionText(decision))),
    ...(closedAt && closing ? [moment(closedAt, closing)] : []),
    // An error of a live round has no time of its own: it is told with the round's last one.
    ...(!closedAt && round.error ? [moment(sentAt ?? requestedAt, errorText(round.error))] : []),
  ];
}

function requestedText({ triggers, requester, approvers }: Round): string {
  const by = requester.bot ? `${requester.email} (sent by the bot)` : requester.email;
  const to = approvers.map(({ email }) => email).join(', ') || 'nobody';
  return `requested (${triggers.join(', ')}) by ${by}, to ${to}`;
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
