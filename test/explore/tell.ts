import type { Action } from './actions.ts';

/** Stories in words. */

const STARTS: Record<string, string> = {
  new: 'An issue was just written, with two tasks that ask for approval.',
  open: 'The card of the first stage is open.',
  canceled: 'The card of the first stage is open, and calls its second task canceled.',
  approved: 'The card of the first stage was approved.',
  rejected: 'The card of the first stage was rejected.',
  waiting: 'The issue waits for a bell at its first stage; the creator rang while it was at another stage.',
};

export const tellStart = (name: string): string => STARTS[name] ?? name;

export function tellAction(action: Action): string {
  const [what = '', first = '', ...rest] = action.split('-');
  switch (what) {
    case 'edit':
      return `Frabit changes the SQL of task ${first} of the current stage, or changes it back.`;
    case 'set':
      return `Frabit sets task ${first} of the current stage to ${rest.join('-')}.`;
    case 'go':
      return `Frabit moves the issue to stage ${first}.`;
    case 'ring':
      return first === 'creator' ? 'The creator rings.' : 'A stranger rings.';
    case 'approve':
      return `Whoever has card ${first} approves it.`;
    case 'reject':
      return `Whoever has card ${first} rejects it.`;
    case 'transfer':
      return `The approver hands card ${first} on to a stranger.`;
    case 'retract':
      return `The creator takes card ${first} back in Feishu.`;
    case 'deliver':
      return 'The oldest change of the record reaches watch-issues.';
    case 'hear':
      return `The oldest event of card ${first} reaches the webhook.`;
    case 'lose':
      return `The oldest event of card ${first} is lost.`;
    case 'repeat':
      return `The oldest event of card ${first} reaches the webhook, and Feishu will send it again.`;
    case 'redrive':
      return `Old hint ${first} comes once more.`;
    case 'sweep':
      return 'The sweep runs.';
    case 'pass':
      return 'Time passes until something is due.';
    case 'work':
      return 'The worker handles the next hint.';
    case 'kill':
      return `The worker handles the next hint and is killed after effect ${first}.`;
    case 'during':
      return `The worker handles the next hint; before its effect ${first}: ${tellAction(rest.join('-'))}`;
    default:
      return action;
  }
}
