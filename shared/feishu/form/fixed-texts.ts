import { TRIGGERS } from '../../issue/triggers.ts';
import type { CardWords } from '../messages.ts';
import { bytesOfTexts } from './body.ts';
import { escapeLine, isRightToLeft, MARK } from './foreign-text.ts';
import type { FormInput } from './form-input.ts';
import type { FormLevel, FormWording } from './form-kind.ts';
import { LANGUAGES } from './languages.ts';
import { bytesOfNotes, type NoteUrls } from './left-out.ts';
import { NAME_LIMIT, showName, showTitle } from './show-name.ts';
import { FIELDS, type Field } from './widgets.ts';

/** Code points of the issue's title in the title of the instance. The form has the whole title. */
const INSTANCE_TITLE_LIMIT = 200;

/** Code points of each kind of text, and where the URL stands besides `link`. */
interface Limits {
  /** The title of an issue has at most 500, the title of a stage any number. */
  title: number;
  name: number;
  /** Ids, and e-mail addresses, which have at most 254. */
  id: number;
  url: number;
  urlIn: 'EVERY_NOTE' | 'FIRST_LINE';
}

const WHOLE: Limits = {
  title: 2_000,
  name: NAME_LIMIT,
  id: 254,
  url: Number.POSITIVE_INFINITY,
  urlIn: 'EVERY_NOTE',
};
/** Tried in order until the fixed texts use at most half of the room. */
const LIMITS: readonly Limits[] = [
  WHOLE,
  { ...WHOLE, title: 500, urlIn: 'FIRST_LINE' },
  { title: 200, name: 60, id: 128, url: 1_000, urlIn: 'FIRST_LINE' },
  { title: 100, name: 40, id: 60, url: 500, urlIn: 'FIRST_LINE' },
  { title: 40, name: 20, id: 20, url: 60, urlIn: 'FIRST_LINE' },
];

/** What every card shows, in one language. */
export interface FixedTexts {
  title: string;
  fields: ReadonlyMap<Field, string>;
}

export interface FittedFixedTexts {
  /** One for each language. */
  languages: readonly FixedTexts[];
  urls: NoteUrls;
  /** Bytes of these texts, and of the longest notes about what is left out. */
  bytes: number;
}

/**
 * Returns issue, stage, environment, reason, requester, link, project and hash. They are shortened if they take more
 * than half of `room` bytes.
 */
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

/** Notes leave out a longer URL. The field `link` has it. */
const NOTE_URL_LIMIT = 300;

function noteUrls(url: string, { urlIn }: Limits): NoteUrls {
  const escaped = escapeLine(url);
  const short = escaped.length > NOTE_URL_LIMIT ? undefined : escaped;
  return { firstLine: short, notes: urlIn === 'EVERY_NOTE' ? short : undefined };
}

function writeFixedTexts(input: FormInput, level: FormLevel, words: CardWords, limits: Limits): FixedTexts {
  const { issue, stage } = input;
  const { form } = words;
  const name = (text: string) => showName(text, form, { limit: limits.name });
  const id = showName(issue.issueId, form, { limit: limits.id });
  const texts: Partial<Record<Field, string | undefined>> = {
    issue: [
      showTitle(issue.title, form, limits.title),
      form.issueId(id),
      ...(isNamedRightToLeft(input) ? [`${MARK}${form.rightToLeft}`] : []),
    ].join('\n'),
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
  return {
    title: `${showInstanceTitle(issue.title, words, Math.min(INSTANCE_TITLE_LIMIT, limits.title))} · ${id}`,
    fields: new Map(FIELDS.flatMap((field) => (texts[field] ? [[field, texts[field]] as const] : []))),
  };
}

const isNamedRightToLeft = ({ issue, stage }: FormInput): boolean =>
  [
    issue.title,
    issue.issueId,
    issue.url,
    issue.projectId,
    issue.creator.email,
    issue.creator.name,
    stage.title,
    stage.environment,
  ].some((text) => isRightToLeft(text ?? ''));

/** Escapes make a title longer. It is cut, so that the first line of the card stays visible. */
function showInstanceTitle(title: string, { form }: CardWords, limit: number): string {
  let shown = showTitle(title, form, limit);
  for (let less = limit; shown.length > INSTANCE_TITLE_LIMIT + 50 && less > 10; less = Math.floor(less / 2)) {
    shown = showTitle(title, form, Math.floor(less / 2));
  }
  return shown;
}

function describeRequester(
  { issue, requesterIsBot }: FormInput,
  { form }: CardWords,
  { id, name: limit }: Limits,
): string {
  const { email, name } = issue.creator;
  // The address stands first, because a name could contain another address.
  const person = form.requester(
    showName(email, form, { limit: id }),
    name ? showName(name, form, { limit }) : undefined,
  );
  return requesterIsBot ? `${person}\n${form.botAsks}` : person;
}
