import type { Action } from './actions.ts';

/** Describes stories in sentences. */

const STARTS: Record<string, string> = {
  new: 'A new issue has two tasks that ask for approval.',
  open: 'The card of the first stage is open.',
  canceled: 'The card of the first stage is open. It shows the second task as canceled.',
  approved: 'The card of the first stage was approved.',
  rejected: 'The card of the first stage was rejected.',
  waiting:
    'The issue is at its first stage and waits for the bell. The creator rang while it was at another stage.',
};

export const describeStart = (name: string): string => STARTS[name] ?? name;

export function describeAction(action: Action): string {
  const [what = '', first = '', ...rest] = action.split('-');
  switch (what) {
    case 'edit':
      return `Frabit changes the SQL of task ${first} of the current stage, or changes it back.`;
    case 'set':
      return `Frabit sets task ${first} of the current stage to ${rest.join('-')}.`;
    case 'go':
      return `Frabit moves the issue to stage ${first}.`;
    case 'ring':
      return first === 'creator' ? 'The creator rings the bell.' : 'Another person rings the bell.';
    case 'approve':
      return `The person who has card ${first} approves it.`;
    case 'reject':
      return `The person who has card ${first} rejects it.`;
    case 'transfer':
      return `The approver transfers card ${first} to another person.`;
    case 'withdraw':
      return `The creator withdraws card ${first} in Feishu.`;
    case 'deliver':
      return 'watch-issues receives the oldest change of the record.';
    case 'receive':
      return `The webhook receives the oldest event of card ${first}.`;
    case 'lose':
      return `The oldest event of card ${first} is lost.`;
    case 'repeat':
      return `The webhook receives the oldest event of card ${first}, and Feishu will send it again.`;
    case 'redeliver':
      return `The queue delivers handled hint ${first} again.`;
    case 'sweep':
      return 'The sweep runs.';
    case 'pass':
      return 'Time passes until something is due.';
    case 'work':
      return 'The worker handles the next hint.';
    case 'kill':
      return `The worker handles the next hint and is killed after effect ${first}.`;
    case 'during':
      return `The worker handles the next hint. Before effect ${first} of it: ${describeAction(rest.join('-'))}`;
    default:
      return action;
  }
}
