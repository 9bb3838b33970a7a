import type { ExternalNode } from '../settings/external-nodes.ts';
import type { OaRequest, OaStatus } from './wire.ts';

/** What this product needs of an OA (docs/contract.md 5). Every method rejects with an `OaError`. */
export interface OaGateway {
  /** Requests an approval. A repeated call with the same approvalId returns the same approval. */
  create(node: ExternalNode, request: OaRequest): Promise<OaApproval>;
  /** Reads an approval by the OA's id. Returns undefined if the OA does not know it (404 or 410). */
  read(node: ExternalNode, id: string): Promise<OaApproval | undefined>;
  /**
   * Withdraws an approval. UNKNOWN: the OA does not know it (404 or 410). A repeated call with the same `approvalId` is
   * the same message.
   */
  cancel(
    node: ExternalNode,
    id: string,
    about: { approvalId: string; reason: string },
  ): Promise<'TAKEN_BACK' | 'UNKNOWN'>;
}

export interface OaApproval {
  /** The OA's own id. */
  id: string;
  status: OaStatus;
  /** The OA says CANCELED, which counts as PENDING unless we withdrew the approval. */
  canceled?: true;
  decidedBy?: string;
  comment?: string;
}
