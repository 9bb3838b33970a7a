import * as z from 'zod';
import { APPROVER_NODE_ID, buildDefinition, WIDGETS } from '../feishu/definition.ts';
import type { FeishuApp } from '../feishu/gateway.ts';
import type { FeishuDefinition, FeishuSetup } from '../feishu/setup.ts';
import { failed, passed } from './checks.ts';
import { ADD_SCOPE, ADMINISTRATION, RELEASE, SAVE_AGAIN } from './fixes.ts';
import type { Check, MadeDefinition } from './settings.ts';
import type { SettingsLock } from './settings-store.ts';

export interface DefinitionChoice {
  /** The operator's own choice. */
  approvalCode?: string | undefined;
  /** Every definition made or used, by app id. */
  known: Record<string, MadeDefinition>;
  /** `DEFINITION_VERSION` of this code. */
  version: number;
}

type Verdict = { kind: 'FITS' | 'OUTDATED' | 'DELETED' } | { kind: 'UNFIT'; detail: string; fix: string };

const FIX =
  'Save again with the approval code of another definition, or without one to have it made (frabit-im enable, --approval-code).';
/** One that was made is never made again while it may still be there (LESSONS row 18). */
const UNKNOWN_FIX = `${ADMINISTRATION}: open the approval → Edit → Basic info, let the app see it → Publish. Or save again with --approval-code and another one.`;
const FAILED_FIX = `${ADD_SCOPE('approval:approval')} ${RELEASE} Then save again.`;

/** The definition that would be used; undefined if one would have to be made. */
export const chosenCode = (app: FeishuApp, choice: DefinitionChoice): string | undefined =>
  choice.approvalCode ?? choice.known[app.appId]?.code;

/** Looks without changing anything. */
export async function inspectDefinition(
  setup: FeishuSetup,
  app: FeishuApp,
  code: string,
  choice: DefinitionChoice,
  /** Whether it is to be used as it stands, or as a save would leave it. */
  use: 'AS_IT_STANDS' | 'AFTER_A_SAVE',
): Promise<Check> {
  const fails = (detail: string, fix: string): Check => ({ name: 'definition', ok: false, detail, fix });
  try {
    const verdict = judgeDefinition(await setup.getDefinition(app, code), code, choice);
    if (verdict.kind === 'UNFIT') return fails(verdict.detail, verdict.fix);
    if (use === 'AS_IT_STANDS' && verdict.kind === 'DELETED') {
      return fails('The approval definition is deleted in Feishu.', `${SAVE_AGAIN}: a new one is made.`);
    }
    if (use === 'AS_IT_STANDS' && verdict.kind === 'OUTDATED') {
      return fails(
        'The approval definition is not as this version needs it.',
        `${SAVE_AGAIN}: it is brought up to date.`,
      );
    }
    return passed('definition', 'The approval definition can be used.');
  } catch (error) {
    return failed('definition', error, FAILED_FIX);
  }
}

/**
 * Creates, overwrites or adopts the definition. Under the lock: a definition made by API can never be deleted, so
 * its code is written before anything else is done with it (LESSONS row 18). `code` is there if it may be used.
 */
export async function settleDefinition(
  setup: FeishuSetup,
  app: FeishuApp,
  choice: DefinitionChoice,
  lock: Pick<SettingsLock, 'renew' | 'keepDefinition'>,
  now: () => Date,
): Promise<{ check: Check; code?: string }> {
  const { version, known } = choice;
  const use = async (code: string, createdAt: string, detail: string) => {
    const before = known[app.appId];
    if (before?.code !== code || before.version !== version || before.domain !== app.domain) {
      await lock.keepDefinition(app.appId, { code, version, createdAt, domain: app.domain });
    }
    return { check: passed('definition', detail), code };
  };
  const make = async () => {
    // Nobody else may be making one: the lease must cover this very call.
    await lock.renew();
    const code = await setup.saveDefinition(app, buildDefinition());
    return use(code, now().toISOString(), 'The approval definition was created.');
  };

  try {
    const code = chosenCode(app, choice);
    if (code === undefined) return await make();
    const verdict = judgeDefinition(await setup.getDefinition(app, code), code, choice);
    const createdAt = knownAs(code, choice)?.createdAt ?? now().toISOString();
    switch (verdict.kind) {
      case 'FITS':
        return await use(code, createdAt, 'The approval definition stands as it should.');
      case 'OUTDATED':
        await lock.renew();
        await setup.saveDefinition(app, buildDefinition(code));
        return await use(code, createdAt, 'The approval definition was brought up to date.');
      case 'DELETED':
        return await make();
      case 'UNFIT':
        return { check: { name: 'definition', ok: false, detail: verdict.detail, fix: verdict.fix } };
    }
    verdict satisfies never;
  } catch (error) {
    return { check: failed('definition', error, FAILED_FIX) };
  }
}

const knownAs = (code: string, { known }: DefinitionChoice): MadeDefinition | undefined =>
  Object.values(known).find((made) => made.code === code);

/** Start-up check of FEISHU 3.2. One is ours if we remember it, or if its one free node has our id. */
function judgeDefinition(
  found: FeishuDefinition | undefined,
  code: string,
  choice: DefinitionChoice,
): Verdict {
  const remembered = knownAs(code, choice);
  if (!found) {
    return unfit(
      'Feishu does not know the approval definition, or does not show it to this app.',
      choice.approvalCode === undefined ? UNKNOWN_FIX : FIX,
    );
  }
  if (found.status === 'DELETED') {
    return choice.approvalCode === undefined
      ? { kind: 'DELETED' }
      : unfit('The approval definition is deleted.');
  }
  if (found.status !== 'ACTIVE') {
    return unfit(
      'The approval definition is disabled.',
      `${ADMINISTRATION}: find the approval, and press Enable.`,
    );
  }
  if (found.freeNodes.some((node) => node.requiresSignature)) {
    return unfit(
      'The approval definition asks for a handwritten signature.',
      `${ADMINISTRATION}: edit the approval, switch the handwritten signature off, Publish.`,
    );
  }
  // An answer that tells nothing condemns nothing; what is wrong with it shows at the first send.
  if (!found.nodesTold && isEmptyForm(found.form)) return { kind: 'FITS' };
  const isOurNode = found.freeNodes.length === 1 && found.freeNodes[0]?.key === APPROVER_NODE_ID;
  if (!isOurNode && !remembered) {
    return unfit(
      `The approval definition does not have the one node ${APPROVER_NODE_ID} with a chosen approver.`,
    );
  }
  const current = (remembered?.version ?? choice.version) === choice.version;
  return { kind: isOurNode && current && hasOurWidgets(found.form) ? 'FITS' : 'OUTDATED' };
}

const unfit = (detail: string, fix = FIX): Verdict => ({ kind: 'UNFIT', detail, fix });

const isEmptyForm = (form: string): boolean => /^\s*(\[\s*\])?\s*$/.test(form);

const widgetsSchema = z.array(z.object({ id: z.string(), type: z.string() }));

function hasOurWidgets(form: string): boolean {
  try {
    const found = widgetsSchema.parse(JSON.parse(form));
    const types = new Map(found.map((widget) => [widget.id, widget.type]));
    return found.length === WIDGETS.length && WIDGETS.every((widget) => types.get(widget.id) === widget.type);
  } catch {
    return false;
  }
}
