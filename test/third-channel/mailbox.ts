import { CallError } from '../../shared/runtime/errors.ts';
import type { MailRequest } from './mail-policy.ts';

export interface Mail extends MailRequest {
  mailId: string;
  status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'CANCELED';
  decidedBy?: string;
  comment?: string;
  comments: string[];
}

/** What a call runs into: it is refused before it is carried out, or its answer is lost. */
type Fault = 'LOSE_ANSWER' | 'FAIL' | { limitSeconds: number };

/** The mail system of the third channel: people by e-mail, mails in memory. */
export interface Mailbox {
  mails: Mail[];
  /** People who are unknown here. */
  strangers: Set<string>;
  fault: Fault | undefined;
  /** Does a call, or rejects as the fault says. */
  call<T>(work: () => T): Promise<T>;
  decide(mailId: string, status: 'APPROVED' | 'REJECTED', comment: string): void;
}

function aMailbox(): Mailbox {
  const mailbox: Mailbox = {
    mails: [],
    strangers: new Set(),
    fault: undefined,
    async call(work) {
      const { fault } = mailbox;
      if (fault === 'FAIL') throw new CallError('UNAVAILABLE', 'The mail server does not answer.');
      if (typeof fault === 'object')
        throw new CallError('RATE_LIMITED', 'Too many mails.', { retryAfterSeconds: fault.limitSeconds });
      const answer = work();
      if (fault !== 'LOSE_ANSWER') return answer;
      mailbox.fault = undefined;
      throw new CallError('UNAVAILABLE', 'The answer of the mail server was lost.');
    },
    decide(mailId, status, comment) {
      const mail = mailbox.mails.find((one) => one.mailId === mailId);
      if (mail) Object.assign(mail, { status, comment, decidedBy: mail.to });
    },
  };
  return mailbox;
}

let current = aMailbox();

/** Returns the mailbox of the test at work. */
export const box = (): Mailbox => current;

export function newMailbox(): void {
  current = aMailbox();
}
