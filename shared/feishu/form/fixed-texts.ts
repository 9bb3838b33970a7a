import type { FormLevel, FormWording } from '../../approval/round.ts';
import { TRIGGERS } from '../../issue/triggers.ts';
import type { CardWords } from '../messages.ts';
import { bytesOfTexts } from './body.ts';
import type { FormInput } from './build-form.ts';
import { cutAfter, escapeLine } from './foreign-text.ts';
import { LANGUAGES } from './languages.ts';
import { bytesOfNotes } from './left-out.ts';
import { NAME_LIMIT, showName, showTitle } from './names.ts';
import { FIELDS, type Field } from './widgets.ts';

/** How much of the issue's title the title of the instance holds, in code points; the form has all of it. */
const INSTANCE_TITLE_LIMIT = 200;

/** Code points of each kind of text, and where else than in `link` the URL stands. */
interface Limits {
  /** An issue's title has at most 500; a stage's title any number. */
  title: number;
  name: number;
  /** Ids and e-mail addresses, which have at most 254. */
  id: number;
  url: number;
  urlIn: 'EVERY_NOTE' | 'FIRST_LINE' | 'NO_NOTE';
}

const WHOLE: Limits = {
  title: 2_000,
  name: NAME_LIMIT,
  id: 254,
  url: Number.POSITIVE_INFINITY,
  urlIn: 'EVERY_NOTE',
};
/** Tried in turn, until what is always shown leaves half of the card to the rest. */
const LIMITS: readonly Limits[] = [
  WHOLE,
  { ...WHOLE, title: 500, urlIn: 'FIRST_LINE' },
  { title: 200, name: 60, id: 128, url: 1_000, urlIn: 'NO_NOTE' },
  { title: 100, name: 40, id: 60, url: 500, urlIn: 'NO_NOTE' },
  { title: 40, name: 20, id: 20, url: 60, urlIn: 'NO_NOTE' },
];

/** The URL as notes give it; undefined where they do without. */
export interface NoteUrls {
  firstLine: string | undefined;
  notes: string | undefined;
}

/** What every card shows, in one language. */
export interface FixedTexts {
  title: string;
  fields: ReadonlyMap<Field, string>;
}

export interface FittedFixedTexts {
  /** One for each language. */
  languages: readonly FixedTexts[];
  urls: NoteUrls;
  /** Of these texts and of the longest notes on what is left out. */
  bytes: number;
}

/** Issue, stage, environment, why, requester, link, project and hash, shortened only if they take more than half of `room` bytes. */
export function fitFixedTexts(
  input: FormInput,
  level: FormLevel,
  wording: FormWording,
  room: number,
): FittedFixedTexts {
  const write = (limits: Limits): FittedFixedTexts => {
    const urls = noteUrls(input.issue.url, limits);
    const languages = LANGUAGES[wording].map(({ words }) => writeFixedTexts(input, level, words, limits));
    const texts = languages.flatMap(({ title, fields }) => [title, ...fields.values()]);
    return { languages, urls, bytes: bytesOfTexts(texts, wording) + bytesOfNotes(urls, wording) };
  };
  const [first = WHOLE, ...others] = LIMITS;
  let written = write(first);
  for (const limits of others) {
    if (written.bytes <= room / 2) break;
    written = write(limits);
  }
  return written;
}

/** A URL that is cut opens nothing, so no note holds it. */
function noteUrls(url: string, { url: limit, urlIn }: Limits): NoteUrls {
  const { text, shown, total } = cutAfter(url, limit);
  const whole = shown < total ? undefined : escapeLine(text);
  return {
    firstLine: urlIn === 'NO_NOTE' ? undefined : whole,
    notes: urlIn === 'EVERY_NOTE' ? whole : undefined,
  };
}

function writeFixedTexts(input: FormInput, level: FormLevel, words: CardWords, limits: Limits): FixedTexts {
  const { issue, stage } = input;
  const { form } = words;
  const name = (text: string) => showName(text, form, { limit: limits.name });
  const id = showName(issue.issueId, form, { limit: limits.id });
  const texts: Partial<Record<Field, string | undefined>> = {
    issue: `${showTitle(issue.title, form, limits.title)}\n${form.issueId(id)}`,
    stage: showTitle(stage.title, form, limits.title),
    environment: typeof stage.environment === 'string' ? name(stage.environment) : undefined,
    reason: TRIGGERS.filter((trigger) => input.triggers.includes(trigger))
      .map((trigger) => words.triggers[trigger])
      .join('\n'),
    link: showName(issue.url, form, { limit: limits.url }),
    requester: describeRequester(input, words, limits),
    project: typeof issue.projectId === 'string' ? name(issue.projectId) : undefined,
    content_hash: `${form.contentHash(input.contentSha256)}\n${form.levels[level]}`,
  };
  const titleLimit = Math.min(INSTANCE_TITLE_LIMIT, limits.title);
  return {
    title: `${showTitle(issue.title, form, titleLimit)} · ${id}`,
    fields: new Map(FIELDS.flatMap((field) => (texts[field] ? [[field, texts[field]] as const] : []))),
  };
}

function describeRequester(
  { issue, requesterIsBot }: FormInput,
  { form }: CardWords,
  { id, name: limit }: Limits,
): string {
  const { email, name } = issue.creator;
  // The address first: a name could hold another one.
  const person = form.requester(
    showName(email, form, { limit: id }),
    name ? showName(name, form, { limit }) : undefined,
  );
  return requesterIsBot ? `${person}\n${form.botAsks}` : person;
}
