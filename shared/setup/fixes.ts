import type { FeishuError } from '../feishu/errors.ts';
import type { FeishuDomain } from '../feishu/gateway.ts';

/**
 * What to do about a check that failed: each names the page and the button. Names are those of the developer
 * console in English; Feishu and Lark have the same pages.
 */

export const PLATFORM_NAMES: Record<FeishuDomain, string> = {
  feishu: 'Feishu (open.feishu.cn)',
  lark: 'Lark (open.larksuite.com)',
};

export const RELEASE =
  'Then Version Management & Release → Create a version → Save → Submit for release, and have the administrator approve it.';

export const SEE_CREDENTIALS =
  'Developer console → the app → Credentials & Basic Info: copy App ID and App Secret with the button beside each, and save again.';

export const ENABLE_BOT = 'Developer console → the app → Add Features → Bot → Add.';

export const addScope = (scope: string): string =>
  `Developer console → the app → Permissions & Scopes → Add permission scopes to app: search ${scope}, tick it, Add Scopes.`;

export const ENTER_REQUEST_URL =
  'Developer console → the app → Events & Callbacks: under Encryption Strategy see that Encrypt Key and Verification Token are the ones that were saved; under Event Configuration → Subscription mode enter the webhook URL as the request URL → Save.';

export const ADD_EVENTS = `Developer console → the app → Events & Callbacks → Event Configuration → Add Events: approval_instance and approval_task → Add. ${RELEASE}`;

export const ADMINISTRATION = 'Approval administration (Workplace → Approval → Admin)';

export const ENABLE_APPROVAL = `${ADMINISTRATION}: find the approval, and press Enable.`;

export const SIGNATURE_FIX = `${ADMINISTRATION}: edit the approval, switch the handwritten signature off, Publish. Then save again.`;

/** One that was made is never made again while it may still be there (docs/lessons.md 18). */
export const UNKNOWN_FIX = `${ADMINISTRATION}: open the approval → Edit → Basic info, let the app see it → Publish. Or save again with --approval-code and another one.`;

/** What a definition loses that is overwritten (docs/feishu.md 3.1: a full overwrite). */
export const LOST_BY_OVERWRITE =
  'approvers, name, description, viewers (nobody can start it by hand any more), rules and managers';

export const REPLACE_FIX = `To overwrite this one for good, name it and ask for it (--approval-code and --replace-definition; replaceDefinition: true in the API). It loses its ${LOST_BY_OVERWRITE}, its form becomes ours, and this cannot be undone.`;

/** A create that was not answered may have made a definition, and the API lists none. */
export const MAYBE_MADE = 'A definition may have been made all the same.';
export const MAYBE_MADE_FIX = `${ADMINISTRATION}: look for a new approval of this name; if it is there, save again with its code (--approval-code; definitionCode in the address of its edit page). If not, save again: another one is made.`;

export const SAVE_AGAIN = 'Save the settings again (frabit-im enable)';

const AGAIN = 'Feishu is out of reach or busy: try again in a minute.';

/** What Feishu says so clearly that another page than that of the check is the place to go. */
const BY_CODE: readonly { codes: readonly number[]; fix: string }[] = [
  {
    codes: [99991662, 99991673, 212100],
    fix: 'Admin console → Workplace → App Management → the app → Enable; an app that was never released: Version Management & Release → Create a version.',
  },
  {
    codes: [99991401],
    fix: 'Developer console → the app → Security Settings → IP Allowlist: add the address, or clear the list.',
  },
  { codes: [99991403], fix: 'Admin console → Billing: wait for the next month, or take a larger plan.' },
  { codes: [1390015], fix: ENABLE_APPROVAL },
];

/** `usual` is what to do if nothing better is known. */
export function fixOf(error: FeishuError, usual: string): string {
  if (error.retryable) return AGAIN;
  const { feishuCode } = error;
  const known = BY_CODE.find(({ codes }) => feishuCode !== undefined && codes.includes(feishuCode));
  return known?.fix ?? usual;
}
