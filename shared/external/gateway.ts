import type { ExternalNode } from '../settings/external-nodes.ts';
import type { OaRequest, OaStatus } from './wire.ts';

/** What the core needs of an OA, in its own words (docs/contract.md 5). Every method rejects with an `OaError`. */
export interface OaGateway {
  /** Asks for an approval; repeat-safe by its approvalId: the same one comes back. */
  create(node: ExternalNode, request: OaRequest): Promise<OaApproval>;
  /** Reads it by the id that the OA gave; undefined if the OA knows none (404 or 410). */
  read(node: ExternalNode, id: string): Promise<OaApproval | undefined>;
  /**
   * Takes it back; UNKNOWN: the OA says that it knows none (404 or 410). `approvalId` makes a repeated call the same
   * message.
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
  /** It says CANCELED, which counts as PENDING but for what we took back ourselves. */
  canceled?: true;
  decidedBy?: string;
  comment?: string;
}
