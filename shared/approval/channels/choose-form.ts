import { type FormMemory, mayPass, type SizedForm } from '../form-memory.ts';
import { FORM_LEVELS, FORM_WORDINGS, type FormLevel, type FormWording } from '../round.ts';

export interface FormKind {
  level: FormLevel;
  wording: FormWording;
}

/** As far as the choice goes by it. */
export interface ChosenForm extends FormKind, SizedForm {
  /** Every statement stands whole on it. */
  whole: boolean;
}

/**
 * The order in which forms are tried: as much as possible, and each level in both wordings before the next lower one,
 * because a refusal does not say whether it is for the size or for the keys.
 */
export const FORM_LADDER: readonly FormKind[] = FORM_LEVELS.flatMap((level) =>
  FORM_WORDINGS.map((wording) => ({ level, wording })),
);

const rankOf = ({ level, wording }: FormKind): number =>
  FORM_LADDER.findIndex((kind) => kind.level === level && kind.wording === wording);

/** A form that is not a tenth smaller than a refused one says the same. */
const SMALLER_BY = 0.9;

/** What is to be sent next, or why there is nothing: every form was refused, or those left are cut and may not be. */
export type Choice<F> = { form: F } | { none: 'REFUSED' | 'CUT' };

/**
 * Chooses the first form of the ladder that may pass. `build` makes a form, and is called for as few as possible.
 * Pure but for `build`.
 */
export function chooseForm<F extends ChosenForm>(
  build: (kind: FormKind) => F,
  at: {
    /** Where the ladder begins; absent: at its top. */
    from?: FormKind | undefined;
    /** Forms of this request that were refused. */
    refused: readonly (FormKind & SizedForm)[];
    /** The present memory (`recall`). */
    memory: FormMemory;
    /** A form that does not show every statement whole may be sent. */
    mayCut: boolean;
  },
): Choice<F> {
  const first = at.from ? rankOf(at.from) : 0;
  const start = at.refused.reduce((rank, kind) => Math.max(rank, rankOf(kind) + 1), first);
  let cut = false;
  let doubtful: F | undefined;
  for (const kind of FORM_LADDER.slice(start)) {
    const form = build(kind);
    if (!form.whole && !at.mayCut) {
      cut = true;
      continue;
    }
    if (kind.level !== 'MINIMAL' && saysTheSame(form, at.refused)) continue;
    if (mayPass(form, at.memory)) return { form };
    // What is known may be out of date: rather than nothing, the smallest is tried all the same.
    if (!doubtful || form.bytes <= doubtful.bytes) doubtful = form;
  }
  if (doubtful) return { form: doubtful };
  return { none: cut ? 'CUT' : 'REFUSED' };
}

const saysTheSame = (form: SizedForm, refused: readonly SizedForm[]): boolean =>
  refused.some(({ wording, bytes }) => wording === form.wording && form.bytes > bytes * SMALLER_BY);
