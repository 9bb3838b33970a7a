import { buildInstanceForm } from '../../feishu/form/build-form.ts';
import type { InstanceRequest } from '../../feishu/gateway.ts';
import { type Shown, shownOf } from '../../feishu/shown.ts';
import { canonicalContent, stageContent } from '../../issue/content.ts';
import { AppError } from '../../runtime/errors.ts';
import { type Round, sameSubject } from '../round.ts';
import type { Snapshot } from '../snapshot.ts';
import type { SentRequest } from '../store.ts';
import { recordAt } from './open.ts';
import type { Reconciling } from './outcome.ts';

/** The form, built from the very record whose content the round holds. */
export async function buildRequest(
  round: Round,
  requesterIsBot: boolean,
  snapshot: Snapshot,
  { store }: Reconciling,
): Promise<SentRequest> {
  const { record, stage } = recordAt(snapshot, round.subject.id);
  if (canonicalContent(stageContent(record, stage)) !== round.content) {
    throw new AppError('STALE', 'The record moved on before it was sent.', { retryable: true });
  }
  const previous = await findPrevious(round, snapshot, store);
  const { contentSha256, triggers } = round;
  const form = buildInstanceForm({
    issue: record,
    stage,
    contentSha256,
    triggers,
    requesterIsBot,
    ...(previous && { previous }),
  });
  return { ...form, shown: shownOf(record, stage) };
}

/** What the last request of this subject showed, if it showed other content. */
async function findPrevious(
  round: Round,
  { rounds }: Snapshot,
  store: Reconciling['store'],
): Promise<Shown | undefined> {
  const before = rounds
    .filter(
      (one) => sameSubject(one.subject, round.subject) && one.attempted && one.generation < round.generation,
    )
    .reduce<Round | undefined>(
      (last, one) => (!last || one.generation > last.generation ? one : last),
      undefined,
    );
  if (!before || before.content === round.content) return undefined;
  return (await store.readRequest(before.approvalId))?.shown;
}

/** The body of create-instance: what is stored of it, and who asks whom. */
export function requestBody(round: Round, { form, title, i18nResources }: SentRequest): InstanceRequest {
  const approver = round.approvers[0]?.userId;
  const initiator = round.requester.userId;
  if (!approver || !initiator) throw new AppError('REQUEST_MISSING', 'A send was begun without its people.');
  const { definitionCode, approvalId } = round;
  return { definitionCode, initiator, approver, uuid: approvalId, form, title, i18nResources };
}
