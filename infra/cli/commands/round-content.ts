import { isExternalRequest } from '../../../shared/approval/channels/oa/sent-request.ts';
import type { Round, SentForm } from '../../../shared/approval/plan/round.ts';
import type { SentRequest } from '../../../shared/approval/store/store.ts';
import type { OaRequest } from '../../../shared/external/wire.ts';
import type { FormLevel } from '../../../shared/feishu/form/form-kind.ts';
import type { ShownTask as SentTask } from '../../../shared/feishu/shown-content.ts';

/** What a round showed to its approvers: one stage in Feishu, the whole issue in an OA. */
export type RoundContent = { generation: number; approvalId: string } & (ShownStageRound | ShownStepRound);

interface ShownStageRound {
  stageId: string;
  /** This and the fields below are absent before the first attempt to send. */
  title?: string;
  stageTitle?: string;
  environment?: string | null;
  /** The form level of the card, and whether it showed every statement in full; absent for cards of earlier versions. */
  form?: FormLevel;
  whole?: boolean;
  tasks?: ShownTask[];
}

interface ShownStepRound {
  stepId: string;
  nodeId?: string;
  /** This and the fields below are absent before the first attempt to send. */
  title?: string;
  stepTitle?: string;
  stages?: { stageId: string; title: string; environment: string | null; tasks: ShownTask[] }[];
}

export interface ShownTask {
  taskId: string;
  title: string;
  type: string | null;
  instance: string | null;
  database: string | null;
  statement?: string;
  sheet?: { uri: string; sha256: string; sizeBytes: number };
  preview?: string;
}

/** Returns the content of a round; `sql`: with the SQL. */
export function roundContentOf(
  { subject, generation, approvalId, nodeId, forms }: Round,
  request: SentRequest | undefined,
  sql: boolean,
): RoundContent {
  const about = { generation, approvalId };
  switch (subject.kind) {
    case 'STAGE':
      return {
        stageId: subject.id,
        ...about,
        ...(request && !isExternalRequest(request) && { ...formOf(forms.at(-1)), ...stageOf(request, sql) }),
      };
    case 'STEP':
      return {
        stepId: subject.id,
        ...(nodeId !== undefined && { nodeId }),
        ...about,
        ...(request && isExternalRequest(request) && stepOf(request.body, sql)),
      };
    default:
      subject.kind satisfies never;
      // A kind that only a newer version knows.
      return { stageId: subject.id, ...about };
  }
}

/** Returns what a card showed, with the title in the default language. A plain-text card uses the issue's title. */
function stageOf(
  { title, i18nResources, shown, basis }: Exclude<SentRequest, { channel: 'EXTERNAL' }>,
  sql: boolean,
): Omit<ShownStageRound, 'stageId'> {
  const texts = (i18nResources.find((one) => one.is_default) ?? i18nResources[0])?.texts ?? [];
  return {
    title: texts.find(({ key }) => key === title)?.value ?? (title || (basis?.issue.title ?? '')),
    stageTitle: shown.stageTitle,
    environment: shown.environment,
    tasks: shown.tasks.map(({ hash: _, ...task }) => taskOf(task, sql)),
  };
}

const formOf = (form: SentForm | undefined) => form && { form: form.level, whole: form.whole };

function stepOf({ title, step, stages }: OaRequest, sql: boolean): Omit<ShownStepRound, 'stepId'> {
  return {
    title,
    stepTitle: step.title,
    stages: stages.map((stage) => ({
      ...stage,
      // Earlier versions did not send the type.
      tasks: stage.tasks.map(({ sha256: _, statement, type = null, ...task }) =>
        taskOf({ ...task, type, ...(statement !== null && { statement }) }, sql),
      ),
    })),
  };
}

const taskOf = ({ statement, sheet, ...task }: Omit<SentTask, 'hash'>, sql: boolean): ShownTask => ({
  ...task,
  ...(sheet && { sheet: { uri: sheet.uri, sha256: sheet.sha256, sizeBytes: sheet.sizeBytes } }),
  ...(sql && statement !== undefined && { statement }),
  ...(sql && sheet && { preview: sheet.preview }),
});
