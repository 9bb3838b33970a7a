import type { FeishuDefinition } from '../feishu/setup.ts';
import { asksForSignature, type Misfit, misfitsOf } from './definition-fit.ts';
import { ADMINISTRATION, ENABLE_APPROVAL } from './fixes.ts';
import type { MadeDefinition } from './settings.ts';

export interface DefinitionChoice {
  appId: string;
  /** The operator's own choice. */
  approvalCode?: string | undefined;
  /** The operator wants `approvalCode` overwritten if it does not fit. */
  replace?: boolean;
  /** Every definition made or used, by app id. */
  known: Record<string, MadeDefinition>;
  /** `DEFINITION_VERSION` of this code. */
  version: number;
}

export type Verdict =
  | { kind: 'FITS' }
  /** Not as this version needs it; a save overwrites it, being ours or because it was asked for. `says`: what differs, if it shows. */
  | { kind: 'TO_OVERWRITE'; asked: boolean; says: string }
  /** Remembered and gone; a save makes another one. */
  | { kind: 'DELETED' }
  | { kind: 'UNFIT'; detail: string; fix: string };

/** One that was made is never made again while it may still be there (LESSONS row 18). */
const UNKNOWN_FIX = `${ADMINISTRATION}: open the approval → Edit → Basic info, let the app see it → Publish. Or save again with --approval-code and another one.`;
const SIGNATURE_FIX = `${ADMINISTRATION}: edit the approval, switch the handwritten signature off, Publish.`;
const REPLACE_FIX =
  'To overwrite this one for good, name it and ask for it (--approval-code and --replace-definition; replaceDefinition: true in the API): its approvers and its form are lost and cannot be read back.';

/**
 * Whether a definition can be used, and what a save does with it. Only one that we made is ever overwritten unasked
 * (LESSONS row 49). `found`: undefined if Feishu answers that there is none.
 */
export function judgeDefinition(
  found: FeishuDefinition | undefined,
  code: string,
  choice: DefinitionChoice,
): Verdict {
  const { approvalCode, version } = choice;
  const another = anotherOne(code, choice);
  if (!found) {
    return unfit(
      'Feishu does not know the approval definition, or another app made it: it answers the same to both.',
      approvalCode === undefined
        ? UNKNOWN_FIX
        : `Copy the code again; only the app that made a definition can use it. ${another}`,
    );
  }
  switch (found.status) {
    case 'ACTIVE':
      break;
    case 'DELETED':
      return approvalCode === undefined
        ? { kind: 'DELETED' }
        : unfit('The approval definition is deleted in Feishu.', another);
    case 'INACTIVE':
      return unfit('The approval definition is disabled.', ENABLE_APPROVAL);
    default:
      return unfit('Feishu does not say that the approval definition is active.', ENABLE_APPROVAL);
  }
  const remembered = recall(code, choice.known);
  const misfits = misfitsOf(found);
  const ours = mayOverwrite(remembered, misfits, version);
  if (misfits.length === 0 && !(ours && remembered?.version !== version)) return { kind: 'FITS' };
  // The body of a definition says nothing of signatures (FEISHU 3.1): they end where they began.
  const signature = asksForSignature(found);
  const says = misfits.map((misfit) => misfit.says).join('; ');
  if (ours && !signature) return { kind: 'TO_OVERWRITE', asked: false, says };
  if (choice.replace) return { kind: 'TO_OVERWRITE', asked: true, says };
  return unfit(
    `The approval definition does not fit: ${says}.`,
    signature && misfits.length === 1 ? SIGNATURE_FIX : `${another} ${REPLACE_FIX}`,
  );
}

/** What is remembered of a definition, of whichever app; what is known for certain goes first. */
export function recall(code: string, known: DefinitionChoice['known']): MadeDefinition | undefined {
  const entries = Object.values(known)
    .filter((entry) => entry.code === code)
    .toSorted((a, b) => b.version - a.version);
  return entries.find(({ made }) => made) ?? entries.find(({ made }) => made === false) ?? entries[0];
}

/**
 * An entry without the mark is of the version before, which remembered alike what it made and what fitted when
 * somebody named it: nothing in the settings tells the two apart, but Feishu does. A definition that this version
 * needs to change differs by what that version did not know yet, for widgets are only ever added
 * (`DEFINITION_VERSION`). So it is brought up to date if the version has grown and all in it is ours; if anything in
 * it is somebody else's, or the version is the same, somebody has changed it, and it is left alone.
 */
function mayOverwrite(
  remembered: MadeDefinition | undefined,
  misfits: readonly Misfit[],
  version: number,
): boolean {
  if (remembered === undefined) return false;
  if (remembered.made !== undefined) return remembered.made;
  return remembered.version < version && misfits.every(({ foreign }) => !foreign);
}

/** How to come to another definition than this one. */
function anotherOne(code: string, { appId, known }: DefinitionChoice): string {
  const own = known[appId]?.code;
  const without = own === undefined ? 'have it made' : own === code ? undefined : 'use the present one';
  const choice = `Save again with the approval code of another definition${without ? `, or without one to ${without}` : ''}`;
  return `${choice} (frabit-im enable, --approval-code).`;
}

const unfit = (detail: string, fix: string): Verdict => ({ kind: 'UNFIT', detail, fix });
