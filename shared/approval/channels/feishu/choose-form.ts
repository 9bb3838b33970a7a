import { FORM_BUDGETS } from '../../../feishu/form/body.ts';
import { FORM_LEVELS, FORM_WORDINGS, type FormKind } from '../../../feishu/form/form-kind.ts';
import { type FormMemory, mayPass, type SizedForm } from './form-memory.ts';

/** The fields of a form that the choice uses. */
export interface ChosenForm extends SizedForm {
  /** The form shows every statement whole. */
  whole: boolean;
}

/**
 * The order in which forms are tried: the largest level first, and each level in both wordings before the next
 * smaller level, because a refusal does not say whether the size or the i18n keys caused it.
 */
export const FORM_LADDER: readonly FormKind[] = FORM_LEVELS.flatMap((level) =>
  FORM_WORDINGS.map((wording) => ({ level, wording })),
);

const rankOf = ({ level, wording }: FormKind): number =>
  FORM_LADDER.findIndex((kind) => kind.level === level && kind.wording === wording);

/**
 * The form to send next, or why there is none: every form was refused (REFUSED), or the forms that are left are cut
 * and must not be sent (CUT).
 */
export type Choice<F> = { form: F } | { none: 'REFUSED' | 'CUT' };

/**
 * Returns the first form in the order of `FORM_LADDER` that may pass. Pure except for `build`.
 * @param build makes a form; it is called for as few forms as possible
 */
export function chooseForm<F extends ChosenForm>(
  build: (kind: FormKind) => F,
  at: {
    /** Forms of this request that were refused. */
    refused: readonly SizedForm[];
    /** What is remembered and still valid (`recall`). */
    memory: FormMemory;
    /** Whether a form may be sent that does not show every statement whole. */
    mayCut: boolean;
  },
): Choice<F> {
  const start = at.refused.reduce((rank, kind) => Math.max(rank, rankOf(kind) + 1), 0);
  let cut = false;
  let doubtful: F | undefined;
  for (const kind of FORM_LADDER.slice(start)) {
    const form = build(kind);
    if (!form.whole && !at.mayCut) {
      cut = true;
      continue;
    }
    if (isNoShorter(form, at.refused)) continue;
    if (mayPass(form, at.memory)) return { form };
    // The memory may be out of date. If no form is known to pass, the smallest one is tried all the same.
    if (!doubtful || form.bytes <= doubtful.bytes) doubtful = form;
  }
  if (doubtful) return { form: doubtful };
  return { none: cut && !isRefusedWhileSmall(at.refused) ? 'CUT' : 'REFUSED' };
}

/**
 * Whether another try with this form cannot help: it is no shorter than a refused form of its wording, or that
 * refused form already fitted into the budget of the level.
 */
const isNoShorter = (form: SizedForm, refused: readonly SizedForm[]): boolean =>
  refused.some(
    ({ wording, bytes }) =>
      wording === form.wording &&
      (form.bytes >= bytes || (form.level === 'COMPACT' && bytes <= FORM_BUDGETS.COMPACT)),
  );

/** Whether a form was refused although it is so small that its size cannot be the cause. */
const isRefusedWhileSmall = (refused: readonly SizedForm[]): boolean =>
  refused.some(({ bytes }) => bytes <= FORM_BUDGETS.MINIMAL);
