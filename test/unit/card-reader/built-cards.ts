import { buildInstanceForm, type FormInput } from '../../../shared/feishu/form/build-form.ts';
import { FORM_LEVELS, FORM_WORDINGS, type FormKind } from '../../../shared/feishu/form/form-kind.ts';
import { canonicalContent, stageContent } from '../../../shared/issue/content-hash.ts';
import type { IssueRecord, Stage } from '../../../shared/issue/record.ts';
import { sha256 } from '../../../shared/runtime/sha256.ts';
import type { Locale, SeenCard } from '../../card-reader/card.ts';
import { anIssue } from '../../support/issue.ts';
import { readForm } from '../feishu/golden/read-form.ts';

/** Every form of a card. */
export const KINDS: readonly FormKind[] = FORM_LEVELS.flatMap((level) =>
  FORM_WORDINGS.map((wording) => ({ level, wording })),
);
export const LOCALES: readonly Locale[] = ['zh-CN', 'en-US'];

/** Returns the card of a stage as a reader sees it. */
export function cardOf(
  issue: IssueRecord,
  stage: Stage,
  kind: FormKind,
  locale: Locale,
  changes: Partial<FormInput> = {},
): SeenCard {
  const contentSha256 = sha256(canonicalContent(stageContent(issue, stage)));
  const input: FormInput = {
    issue,
    stage,
    contentSha256,
    triggers: ['NEW_STAGE'],
    requesterIsBot: false,
    ...changes,
  };
  const form = buildInstanceForm(input, kind);
  // The labels of the definition are in the language of the reader. A PLAIN card has one text for both languages.
  return readForm(form, locale);
}

export const issueOf = (stage: Stage, changes: Partial<IssueRecord> = {}): IssueRecord =>
  anIssue({ stages: [stage], currentStageId: stage.stageId, ...changes });
