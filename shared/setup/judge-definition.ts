import { UNKNOWN_DEFINITION } from '../feishu/classify-error.ts';
import type { FeishuDefinition } from '../feishu/setup-client.ts';
import { ABOUT_TO_OVERWRITE, type MadeDefinition } from '../settings/settings.ts';
import type { StoredDefinitions } from '../settings/stored-definitions.ts';
import { asksForSignature, type Difference, differencesOf } from './compare-definition.ts';
import { ENABLE_APPROVAL, REPLACE_FIX, SIGNATURE_FIX, UNKNOWN_FIX } from './fixes.ts';

export interface DefinitionChoice extends StoredDefinitions {
  appId: string;
  /** The definition that the operator names. */
  approvalCode?: string | undefined;
  /** The operator wants `approvalCode` overwritten if it does not fit. */
  replace?: boolean;
  /** `DEFINITION_VERSION` of this code. */
  version: number;
}

export type Verdict =
  | { kind: 'FITS' }
  /**
   * Differs from what this version needs. A save overwrites it because it is ours or the operator asked. `says`: what
   * differs, if it shows.
   */
  | { kind: 'TO_OVERWRITE'; asked: boolean; says: string }
  /** Stored, but deleted in Feishu. A save uses an earlier one of ours or creates a new one. */
  | { kind: 'DELETED' }
  | { kind: 'UNFIT'; detail: string; fix: string };

/**
 * Returns whether a definition can be used, and what a save does with it. Only a definition that we made is overwritten
 * without a request (docs/lessons.md 49). `found`: undefined if Feishu does not know it.
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
      UNKNOWN_DEFINITION,
      approvalCode === undefined
        ? UNKNOWN_FIX
        : `Copy the code again. Only the app that made a definition can use it. ${another}`,
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
  const remembered = findRemembered(code, choice);
  const differences = differencesOf(found);
  const outdated = remembered?.made === true && remembered.version < version;
  if (differences.length === 0 && !outdated) return { kind: 'FITS' };
  const says = differences.map((difference) => difference.says).join('; ');
  const doesNotFit = `The approval definition does not fit: ${says}.`;
  // The body of a definition has no member for signatures (docs/feishu.md 3.1), so an overwrite does not remove them.
  if (asksForSignature(found)) return unfit(doesNotFit, SIGNATURE_FIX);
  if (mayOverwrite(remembered, differences, version)) return { kind: 'TO_OVERWRITE', asked: false, says };
  if (choice.replace) return { kind: 'TO_OVERWRITE', asked: true, says };
  return unfit(doesNotFit, `${another} ${REPLACE_FIX}`);
}

/** Returns the stored entry of a definition, preferably one that says whether we made it. */
export function findRemembered(
  code: string,
  { appId, inUse, own }: Pick<DefinitionChoice, 'appId' | 'inUse' | 'own'>,
): MadeDefinition | undefined {
  const used = inUse[appId]?.code === code ? inUse[appId] : undefined;
  const ours = Object.hasOwn(own, code) ? own[code] : undefined;
  const entries = [ours, used].filter((entry) => entry !== undefined);
  return entries.find(({ made }) => made) ?? entries.find(({ made }) => made === false) ?? entries[0];
}

/**
 * Returns the definitions to try if no code is named: the one that the app uses, then ours, the newest first. Leaves
 * out definitions whose overwrite may not have happened.
 */
export function candidatesOf({ appId, inUse, own }: DefinitionChoice): string[] {
  const used = inUse[appId]?.code;
  const ours = Object.values(own)
    .filter((one) => one.appId === appId && one.code !== used && one.version > ABOUT_TO_OVERWRITE)
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .map(({ code }) => code);
  return [...(used === undefined ? [] : [used]), ...ours];
}

/**
 * Entries written before `made` existed may be ours or named by an operator. Overwrite only if the version is lower and
 * nothing foreign is in the definition.
 */
function mayOverwrite(
  remembered: MadeDefinition | undefined,
  differences: readonly Difference[],
  version: number,
): boolean {
  if (remembered === undefined) return false;
  if (remembered.made !== undefined) return remembered.made;
  return remembered.version < version && differences.every(({ foreign }) => !foreign);
}

/** Explains how to use another definition. */
function anotherOne(code: string, choice: DefinitionChoice): string {
  const [own] = candidatesOf(choice);
  const without = own === undefined ? 'create one' : own === code ? undefined : 'use the present one';
  const save = `Save again with the approval code of another definition${without ? `, or without one to ${without}` : ''}`;
  return `${save} (frabit-im enable, --approval-code).`;
}

const unfit = (detail: string, fix: string): Verdict => ({ kind: 'UNFIT', detail, fix });
