import { WIDGETS, type Widget } from './form/widgets.ts';
import type { I18nResource } from './gateway.ts';
import { MESSAGES } from './message-tables.ts';
import type { Messages } from './messages.ts';

export { WIDGETS } from './form/widgets.ts';

/**
 * Raise it with every change of the body below, including texts. The definition in Feishu is overwritten only if its
 * version is lower (docs/design.md 6).
 */
export const DEFINITION_VERSION = 1;

/** Our id of the only node, and the key in `node_approver_open_id_list` of every instance (docs/feishu.md 3.1). */
export const APPROVER_NODE_ID = 'frabit-approver';

const NAME_KEY = '@i18n@approval_name';
const DESCRIPTION_KEY = '@i18n@approval_description';
const NODE_KEY = '@i18n@node_approver';
const labelKey = (widget: Widget): string => `@i18n@label_${widget.id}`;

/** The body of POST /approval/v4/approvals (docs/feishu.md 3.1). */
export interface DefinitionBody {
  approval_name: string;
  approval_code?: string;
  description: string;
  viewers: { viewer_type: 'NONE' }[];
  form: { form_content: string };
  node_list: {
    id: string;
    name?: string;
    node_type?: 'AND';
    approver?: { type: 'Free' }[];
    approver_chosen_multi?: boolean;
    starter_assignee?: 'STARTER';
  }[];
  settings: { revert_interval: number; reject_option: number; quick_approval_option: number };
  config: {
    can_update_viewer: boolean;
    can_update_form: boolean;
    can_update_process: boolean;
    can_update_revert: boolean;
  };
  i18n_resources: I18nResource[];
}

/**
 * Returns the body that creates or overwrites the definition.
 * @param approvalCode of the definition to overwrite. Without it Feishu creates a new one, which can never be deleted.
 */
export function buildDefinition(approvalCode?: string): DefinitionBody {
  return {
    ...(approvalCode === undefined ? {} : { approval_code: approvalCode }),
    approval_name: NAME_KEY,
    description: DESCRIPTION_KEY,
    // Nobody may start it by hand in Feishu: an approval without an issue has no meaning.
    viewers: [{ viewer_type: 'NONE' }],
    form: {
      form_content: JSON.stringify(
        WIDGETS.map((widget) => ({
          id: widget.id,
          type: widget.type,
          name: labelKey(widget),
          // An instance leaves out widgets without a value, because Feishu refuses blank values.
          required: false,
        })),
      ),
    },
    node_list: [
      { id: 'START' },
      {
        id: APPROVER_NODE_ID,
        name: NODE_KEY,
        // With AND, an added approver does not decide instead of the approver who was asked.
        node_type: 'AND',
        // The initiator, which is this product, names the approver of each instance.
        approver: [{ type: 'Free' }],
        approver_chosen_multi: false,
        // A person who approves their own issue must tap too. AUTO_PASS would approve without a person (docs/lessons.md
        // 27).
        starter_assignee: 'STARTER',
      },
      { id: 'END' },
    ],
    settings: {
      // An approval is applied at once, so revoking it in Feishu afterwards has no effect.
      revert_interval: 0,
      // A rejection ends the instance. If it returned to the initiator, nobody would act on it.
      reject_option: 0,
      // Quick approval: people decide on the card, in the chat.
      quick_approval_option: 1,
    },
    // Administrators cannot edit form or flow, because that would break instances or change who may approve.
    config: {
      can_update_viewer: false,
      can_update_form: false,
      can_update_process: false,
      can_update_revert: false,
    },
    i18n_resources: [
      { locale: 'zh-CN', is_default: true, texts: textsOf(MESSAGES['zh-CN']) },
      { locale: 'en-US', is_default: false, texts: textsOf(MESSAGES['en-US']) },
    ],
  };
}

function textsOf(messages: Messages): I18nResource['texts'] {
  const { definition } = messages;
  return [
    { key: NAME_KEY, value: definition.name },
    { key: DESCRIPTION_KEY, value: definition.description },
    { key: NODE_KEY, value: definition.node },
    ...WIDGETS.map((widget) => ({ key: labelKey(widget), value: labelOf(widget, messages) })),
  ];
}

function labelOf({ holds }: Widget, { definition }: Messages): string {
  if ('field' in holds) return definition.fields[holds.field];
  return definition.lists[holds.list](holds.page);
}
