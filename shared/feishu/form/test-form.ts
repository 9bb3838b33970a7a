import type { I18nResource } from '../gateway.ts';
import { MESSAGES } from '../messages.ts';
import type { InstanceForm } from './build-form.ts';

const TITLE_KEY = '@i18n@instance_title';
const ISSUE_KEY = '@i18n@value_issue';
const REASON_KEY = '@i18n@value_reason';

/** The form of the doctor's test approval: of the same definition, saying that nothing hangs on it. */
export function buildTestForm(): InstanceForm {
  const resource = (locale: 'zh-CN' | 'en-US', isDefault: boolean): I18nResource => {
    const { title, issue, reason } = MESSAGES[locale].test;
    return {
      locale,
      is_default: isDefault,
      texts: [
        { key: TITLE_KEY, value: title },
        { key: ISSUE_KEY, value: issue },
        { key: REASON_KEY, value: reason },
      ],
    };
  };
  return {
    form: JSON.stringify([
      { id: 'issue', type: 'textarea', value: ISSUE_KEY },
      { id: 'reason', type: 'textarea', value: REASON_KEY },
    ]),
    title: TITLE_KEY,
    i18nResources: [resource('zh-CN', true), resource('en-US', false)],
  };
}
