import type { FeishuError } from '../feishu/errors.ts';
import type { FeishuDomain } from '../feishu/gateway.ts';

/**
 * What to do about a check that failed. Each text names the page and the button, as the English pages of Feishu call
 * them. Lark has the same pages.
 */

export const PLATFORM_NAMES: Record<FeishuDomain, string> = {
  feishu: 'Feishu (open.feishu.cn)',
  lark: 'Lark (open.larksuite.com)',
};

export const RELEASE =
  'Then Version Management & Release → Create a version → Save → Submit for release, and have the administrator approve it.';

export const SEE_CREDENTIALS =
  'Developer console → the app → Credentials & Basic Info: copy App ID and App Secret with the buttons beside them, and save again.';

export const ENABLE_BOT = 'Developer console → the app → Add Features → Bot → Add.';

export const addScope = (scope: string): string =>
  `Developer console → the app → Permissions & Scopes → Add permission scopes to app: search ${scope}, tick it, Add Scopes.`;

export const ENTER_REQUEST_URL =
  'Developer console → the app → Events & Callbacks: under Encryption Strategy check that Encrypt Key and Verification Token are the saved ones; under Event Configuration → Subscription mode enter the webhook URL as the request URL → Save.';

export const ADD_EVENTS = `Developer console → the app → Events & Callbacks → Event Configuration → Add Events: approval_instance and approval_task → Add. ${RELEASE}`;

const ADMINISTRATION = 'Approval administration (Workplace → Approval → Admin)';

export const ENABLE_APPROVAL = `${ADMINISTRATION}: find the approval and click Enable.`;

export const SIGNATURE_FIX = `${ADMINISTRATION}: edit the approval, switch the handwritten signature off, Publish. Then save again.`;

/** A definition that may still exist is not created a second time (docs/lessons.md 18). */
export const UNKNOWN_FIX = `${ADMINISTRATION}: open the approval → Edit → Basic info, let the app see it → Publish. Or save again with the code of another one (--approval-code).`;

/** What an overwritten definition loses: Feishu replaces it whole (docs/feishu.md 3.1). */
export const LOST_BY_OVERWRITE =
  'approvers, name, description, viewers (nobody can start it by hand any more), rules and managers';

export const REPLACE_FIX = `To overwrite this one, save with its code and --replace-definition (replaceDefinition: true in the API). It loses its ${LOST_BY_OVERWRITE}, and its form becomes ours. This cannot be undone.`;

/** An unanswered create may have made a definition, and the API cannot list definitions. */
export const MAYBE_MADE = 'The definition may have been created nevertheless.';
export const MAYBE_MADE_FIX = `${ADMINISTRATION}: look for a new approval of this name. If it is there, save again with its code (--approval-code; it is definitionCode in the address of its edit page). If not, save again to create another one.`;

export const SAVE_AGAIN = 'Save the settings again (frabit-im enable)';

const AGAIN = 'Feishu cannot be reached or is busy. Try again in a minute.';

/** Codes of Feishu whose fix is on another page than the usual fix of the check. */
const BY_CODE: readonly { codes: readonly number[]; fix: string }[] = [
  {
    codes: [99991662, 99991673, 212100],
    fix: 'Admin console → Workplace → App Management → the app → Enable. If the app was never released: Developer console → the app → Version Management & Release → Create a version.',
  },
  {
    codes: [99991401],
    fix: 'Developer console → the app → Security Settings → IP Allowlist: add the address, or clear the list.',
  },
  { codes: [99991403], fix: 'Admin console → Billing: wait for the next month, or buy a larger plan.' },
  { codes: [1390015], fix: ENABLE_APPROVAL },
];

/** Returns the fix for an error of Feishu. `usual`: the usual fix of the check. */
export function fixOf(error: FeishuError, usual: string): string {
  if (error.retryable) return AGAIN;
  const { feishuCode } = error;
  const known = BY_CODE.find(({ codes }) => feishuCode !== undefined && codes.includes(feishuCode));
  return known?.fix ?? usual;
}
