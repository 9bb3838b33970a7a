import { buildInstanceForm } from '../../../feishu/form/build-form.ts';
import type { InstanceRequest } from '../../../feishu/gateway.ts';
import { type Shown, shownOf } from '../../../feishu/shown-content.ts';
import { AppError } from '../../../runtime/errors.ts';
import { coverOf } from '../../plan/cover.ts';
import { recordAt } from '../../plan/record-and-subject.ts';
import { isRefused, type Round, refusedForms, repeatedTriggers } from '../../plan/round.ts';
import type { Snapshot } from '../../plan/snapshot.ts';
import { allowsCutForms } from '../../plan/wanted.ts';
import type { SentRequest } from '../../store/store.ts';
import type { Composed } from '../channel.ts';
import type { ChannelServices } from '../channel-services.ts';
import { isExternalRequest } from '../oa/sent-request.ts';
import { appOf } from './app.ts';
import { chooseForm } from './choose-form.ts';
import type { FeishuRequest, FormAsSent, FormBasis } from './sent-request.ts';

/**
 * Returns the next form of a round (ADR 13). The first one is made from the record whose content the round has. One
 * that follows refused forms is made from the same record as the first.
 */
export async function composeForm(
  round: Round,
  requesterIsBot: boolean,
  snapshot: Snapshot,
  { store, forms, now }: Pick<ChannelServices, 'store' | 'forms' | 'now'>,
): Promise<Composed> {
  const present = basisOf(round, snapshot);
  const kept = round.attempted ? await readSent(round.approvalId, store) : undefined;
  const basis = kept?.basis ?? present;
  const previous = await findPrevious(round, store);
  const { contentSha256 } = round;
  const triggers = repeatedTriggers(round);
  const input = { ...basis, contentSha256, triggers, requesterIsBot, ...(previous && { previous }) };
  const choice = chooseForm((kind) => buildInstanceForm(input, kind), {
    refused: refusedForms(round),
    memory: await forms.read(appOf(round).appId, now()),
    mayCut: allowsCutForms(snapshot.settings),
  });
  if ('none' in choice) return choice;
  const { level, wording, bytes, whole, ...sent } = choice.form;
  return {
    form: { level, wording, bytes, whole },
    cover: coverOf(basis.stage),
    request: {
      ...kept,
      ...sent,
      shown: shownOf(basis.issue, basis.stage),
      basis,
      ...(kept && { earlier: [...(kept.earlier ?? []), formOf(kept)] }),
    },
  };
}

function basisOf(round: Round, snapshot: Snapshot): FormBasis {
  const { record, view } = recordAt(snapshot, round.subject);
  if (view.kind !== 'STAGE' || view.content !== round.content) {
    throw new AppError('STALE', 'The record changed before the request was sent.', { retryable: true });
  }
  const { issueId, title, url, creator, projectId, assignee } = record;
  return { issue: { issueId, title, url, creator, projectId, assignee }, stage: view.stage };
}

const formOf = ({ form, title, i18nResources }: FeishuRequest): FormAsSent => ({
  form,
  title,
  i18nResources,
});

/** Returns what the last request of this subject showed, as far as its approver may have seen it. */
async function findPrevious(round: Round, store: ChannelServices['store']): Promise<Shown | undefined> {
  const before = await store.findEarlier(round, mayBeSeen);
  return before && (await readSent(before.approvalId, store))?.shown;
}

/**
 * Whether the approver may have seen a round: not if Feishu refused it, and not if it was sent again under another
 * uuid.
 */
const mayBeSeen = (round: Round): boolean =>
  round.sentAt !== undefined ||
  (round.attempted && round.state !== 'FAILED' && round.closeReason !== 'RESENT' && !isRefused(round));

async function readSent(
  approvalId: string,
  store: ChannelServices['store'],
): Promise<FeishuRequest | undefined> {
  const request = await store.readRequest(approvalId);
  return request && !isExternalRequest(request) ? request : undefined;
}

/** Returns the body of create-instance: the stored request, with the approver and the initiator. */
export function requestBody(round: Round, request: SentRequest): InstanceRequest {
  const approver = round.approvers[0]?.userId;
  const initiator = round.requester.userId;
  const { definitionCode, approvalId } = round;
  if (!approver || !initiator || !definitionCode || isExternalRequest(request)) {
    throw new AppError(
      'REQUEST_MISSING',
      'A send was begun, but its approver, initiator or request is missing.',
    );
  }
  const { form, title, i18nResources } = request;
  return { definitionCode, initiator, approver, uuid: approvalId, form, title, i18nResources };
}
