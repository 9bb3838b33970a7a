import { buildInstanceForm } from '../../feishu/form/build-form.ts';
import type { InstanceRequest } from '../../feishu/gateway.ts';
import { type Shown, shownOf } from '../../feishu/shown.ts';
import { AppError } from '../../runtime/errors.ts';
import { latest } from '../current.ts';
import { type Round, sameSubject } from '../round.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Reconciling } from '../steps/outcome.ts';
import { recordAt } from '../steps/record-at.ts';
import type { FeishuRequest, SentRequest } from '../store.ts';

/** The form, built from the very record whose content the round holds. */
export async function composeForm(
  round: Round,
  requesterIsBot: boolean,
  snapshot: Snapshot,
  { store }: Pick<Reconciling, 'store'>,
): Promise<FeishuRequest> {
  const { record, view } = recordAt(snapshot, round.subject);
  if (view.kind !== 'STAGE' || view.content !== round.content) {
    throw new AppError('STALE', 'The record moved on before it was sent.', { retryable: true });
  }
  const previous = await findPrevious(round, snapshot, store);
  const { contentSha256, triggers } = round;
  const form = buildInstanceForm({
    issue: record,
    stage: view.stage,
    contentSha256,
    triggers,
    requesterIsBot,
    ...(previous && { previous }),
  });
  return { ...form, shown: shownOf(record, view.stage) };
}

/** What the last request of this subject showed, if it showed other content. */
async function findPrevious(
  round: Round,
  { rounds }: Snapshot,
  store: Reconciling['store'],
): Promise<Shown | undefined> {
  const before = latest(
    rounds.filter(
      (one) => sameSubject(one.subject, round.subject) && one.attempted && one.generation < round.generation,
    ),
  );
  if (!before || before.content === round.content) return undefined;
  const request = await store.readRequest(before.approvalId);
  return request && 'shown' in request ? request.shown : undefined;
}

/** The body of create-instance: what is stored of it, and who asks whom. */
export function requestBody(round: Round, request: SentRequest): InstanceRequest {
  const approver = round.approvers[0]?.userId;
  const initiator = round.requester.userId;
  const { definitionCode, approvalId } = round;
  if (!approver || !initiator || !definitionCode || !('form' in request)) {
    throw new AppError('REQUEST_MISSING', 'A send was begun without its people.');
  }
  const { form, title, i18nResources } = request;
  return { definitionCode, initiator, approver, uuid: approvalId, form, title, i18nResources };
}
