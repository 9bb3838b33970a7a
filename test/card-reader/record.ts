import type { Check, Status } from './card.ts';

/** The part of an issue record that a card shows (docs/contract.md 1). Null counts as absent. */
export interface RecordTask {
  taskId: string;
  title: string;
  type?: string | null | undefined;
  status: Status;
  instance?: string | null | undefined;
  database?: string | null | undefined;
  statement?: string | null | undefined;
  sheet?: RecordSheet | null | undefined;
  check?: Check | null | undefined;
}
export interface RecordSheet {
  uri: string;
  sha256: string;
  sizeBytes: number;
  preview: string;
}
export interface RecordStage {
  stageId: string;
  title: string;
  environment?: string | null | undefined;
  tasks: readonly RecordTask[];
}
export interface RecordIssue {
  issueId: string;
  title: string;
  url: string;
  projectId?: string | null | undefined;
  creator: { email: string; name?: string | null | undefined };
  assignee?: { email: string } | null | undefined;
}
